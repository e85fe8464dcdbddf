#include "metrics/feed_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(FeedMetricsTest, EachInputHasItsNumbers) {
  Metrics metrics;
  FeedMetrics deals(metrics, "crm.deals");
  const FeedMetrics orders(metrics, "erp.orders");
  deals.Count(/*records=*/5, /*events=*/7, /*rejected=*/2, /*left_out=*/1);
  deals.Count(1, 1, 0, 0);
  deals.CountFailure();
  deals.SetLag(12);
  EXPECT_THAT(metrics.Scrape(), AllOf(HasSubstr("keyfold_feed_records_total{topic=\"crm.deals\"} 6\n"),
                                      HasSubstr("keyfold_feed_total{outcome=\"event\",topic=\"crm.deals\"} 8\n"),
                                      HasSubstr("keyfold_feed_total{outcome=\"rejected\",topic=\"crm.deals\"} 2\n"),
                                      HasSubstr("keyfold_feed_total{outcome=\"left_out\",topic=\"crm.deals\"} 1\n"),
                                      HasSubstr("keyfold_feed_failures_total{topic=\"crm.deals\"} 1\n"),
                                      HasSubstr("keyfold_feed_lag_records{topic=\"crm.deals\"} 12\n"),
                                      HasSubstr("keyfold_feed_records_total{topic=\"erp.orders\"} 0\n")));
}

TEST(FeedMetricsTest, LookupsAndWhatWasFoundNowhereAreCounted) {
  Metrics metrics;
  FeedMetrics deals(metrics, "crm.deals");
  deals.CountNote("accounts[id].name found nothing", 2);
  deals.CountNote("accounts[id].name found nothing", 3);
  deals.TellLookup("accounts", {.records = 10, .unreadable = 1, .contested = 0, .rows = 8});
  deals.TellLookup("accounts", {.records = 14, .unreadable = 2, .contested = 3, .rows = 7});
  const std::string of = "lookup=\"accounts\",";
  EXPECT_THAT(
      metrics.Scrape(),
      AllOf(HasSubstr("keyfold_feed_notes_total{note=\"accounts[id].name found nothing\",topic=\"crm.deals\"} 5\n"),
            HasSubstr("keyfold_feed_lookup_records_total{" + of + "outcome=\"taken\",topic=\"crm.deals\"} 12\n"),
            HasSubstr("keyfold_feed_lookup_records_total{" + of + "outcome=\"unreadable\",topic=\"crm.deals\"} 2\n"),
            HasSubstr("keyfold_feed_lookup_records_total{" + of + "outcome=\"contested\",topic=\"crm.deals\"} 3\n"),
            HasSubstr("keyfold_feed_lookup_rows{" + of + "topic=\"crm.deals\"} 7\n")));
}

}  // namespace
}  // namespace keyfold
