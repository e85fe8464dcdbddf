#include "metrics/feed_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace keyfold
