// A topic in memory that lookups read: the twin of KafkaLookupReader, with faults.
#ifndef KEYFOLD_TESTS_FEED_MEMORY_LOOKUP_TOPIC_H_
#define KEYFOLD_TESTS_FEED_MEMORY_LOOKUP_TOPIC_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "engine/flaky_ports.h"
#include "feed/lookup_topic.h"

namespace keyfold {

// Of one partition. Outlives its readers. Single-threaded; nothing waits.
class MemoryLookupTopic {
 public:
  void Append(std::optional<std::string> key, std::optional<std::string> value) {
    records_.emplace_back(std::move(key), std::move(value));
  }

  // All records are gone, and the readers of the old ones find out when they look for its end.
  void MakeAnew() {
    records_.clear();
    ++epoch_;
  }

  LookupReading Reading() {
    LookupReading reading;
    reading.open = [this](const std::string& topic) -> absl::StatusOr<std::unique_ptr<LookupReader>> {
      opened.push_back(topic);
      KEYFOLD_RETURN_IF_ERROR(TakeError(errors, "Open"));
      return std::make_unique<Reader>(*this);
    };
    reading.wait_max = absl::Milliseconds(50);
    return reading;
  }

  PortErrors errors;  // of "Open", "LookForEnds", "Poll"
  std::vector<std::string> opened;
  size_t poll_max = 1'000;  // that a Poll() brings; 0: nothing comes

 private:
  class Reader final : public LookupReader {
   public:
    explicit Reader(MemoryLookupTopic& topic) : topic_(topic), epoch_(topic.epoch_) {}

    absl::Status LookForEnds() override {
      KEYFOLD_RETURN_IF_ERROR(TakeError(topic_.errors, "LookForEnds"));
      if (epoch_ != topic_.epoch_) return absl::FailedPreconditionError("it was made anew");
      end_ = topic_.records_.size();
      return absl::OkStatus();
    }

    int64_t left() const override { return end_ > next_ ? static_cast<int64_t>(end_ - next_) : 0; }

    absl::StatusOr<std::vector<Record>> Poll(size_t records_max, absl::Duration /*wait_max*/) override {
      KEYFOLD_RETURN_IF_ERROR(TakeError(topic_.errors, "Poll"));
      std::vector<Record> records;
      const size_t last = std::min(topic_.records_.size(), next_ + std::min(records_max, topic_.poll_max));
      for (; next_ < last; ++next_) {
        Record& record = records.emplace_back();
        record.offset = static_cast<int64_t>(next_);
        if (topic_.records_[next_].first.has_value()) record.key = *topic_.records_[next_].first;
        if (topic_.records_[next_].second.has_value()) record.value = *topic_.records_[next_].second;
      }
      return records;
    }

   private:
    MemoryLookupTopic& topic_;
    const int epoch_;
    size_t next_ = 0;
    size_t end_ = 0;
  };

  std::vector<std::pair<std::optional<std::string>, std::optional<std::string>>> records_;
  int epoch_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_FEED_MEMORY_LOOKUP_TOPIC_H_
