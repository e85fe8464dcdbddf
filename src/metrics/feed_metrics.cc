#include "metrics/feed_metrics.h"

#include "metrics/families.h"

namespace keyfold {

struct FeedMetrics::Counters {
  prometheus::Counter& records;
  prometheus::Counter& events;
  prometheus::Counter& rejected;
  prometheus::Counter& left_out;
  prometheus::Counter& failures;
  prometheus::Gauge& lag;
};

FeedMetrics::FeedMetrics(Metrics& metrics, const std::string& topic)
    : metrics_(metrics), topic_(topic), counters_([&] {
        prometheus::Registry& registry = metrics.registry();
        auto& made = CounterFamily(registry, "keyfold_feed_total",
                                   "What became of the records of inputs: events, records of which something is in a "
                                   "dead letter, rows that were left out");
        return new Counters{
            CounterFamily(registry, "keyfold_feed_records_total", "Records of inputs that were read")
                .Add({{"topic", topic}}),
            made.Add({{"topic", topic}, {"outcome", "event"}}),
            made.Add({{"topic", topic}, {"outcome", "rejected"}}),
            made.Add({{"topic", topic}, {"outcome", "left_out"}}),
            CounterFamily(registry, "keyfold_feed_failures_total", "Transactions and other steps that did not pass")
                .Add({{"topic", topic}}),
            GaugeFamily(registry, "keyfold_feed_lag_records", "Records of inputs that are not read yet")
                .Add({{"topic", topic}})};
      }()) {}

FeedMetrics::~FeedMetrics() = default;

void FeedMetrics::Count(int64_t records, int64_t events, int64_t rejected, int64_t left_out) {
  counters_->records.Increment(static_cast<double>(records));
  counters_->events.Increment(static_cast<double>(events));
  counters_->rejected.Increment(static_cast<double>(rejected));
  counters_->left_out.Increment(static_cast<double>(left_out));
}

void FeedMetrics::CountNote(const std::string& note, int64_t count) {
  CounterFamily(metrics_.registry(), "keyfold_feed_notes_total",
                "What mappings rounded, took by default, or looked up in vain")
      .Add({{"topic", topic_}, {"note", note}})
      .Increment(static_cast<double>(count));
}

void FeedMetrics::TellLookup(const std::string& lookup, const FedLookup& numbers) {
  prometheus::Registry& registry = metrics_.registry();
  auto& records = CounterFamily(registry, "keyfold_feed_lookup_records_total",
                                "Records of the topics of lookups: taken, unreadable (no rows), contested (their row "
                                "was another record's)");
  const prometheus::Labels labels = {{"topic", topic_}, {"lookup", lookup}};
  const auto tell = [&](const char* outcome, int64_t count) {
    prometheus::Labels all = labels;
    all.emplace("outcome", outcome);
    CountUpTo(count, records.Add(all));
  };
  tell("taken", numbers.records - numbers.unreadable);
  tell("unreadable", numbers.unreadable);
  tell("contested", numbers.contested);
  GaugeFamily(registry, "keyfold_feed_lookup_rows", "Rows that lookups have")
      .Add(labels)
      .Set(static_cast<double>(numbers.rows));
}

void FeedMetrics::CountFailure() { counters_->failures.Increment(); }

void FeedMetrics::SetLag(int64_t records) { counters_->lag.Set(static_cast<double>(records)); }

}  // namespace keyfold
