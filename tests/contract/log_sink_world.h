// Where the contract of EventLog and UpdateSink (log_sink_contract.h) is tried: a small interface to be implemented for
// each kind of log, and the words that the tests are written in.
#ifndef KEYFOLD_TESTS_CONTRACT_LOG_SINK_WORLD_H_
#define KEYFOLD_TESTS_CONTRACT_LOG_SINK_WORLD_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "keyfold/event_log.h"
#include "keyfold/record.h"
#include "keyfold/update_sink.h"

namespace keyfold {

// A record to be appended to the input, or one that was read.
struct PlainRecord {
  int32_t partition = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<RecordHeader> headers = {};
  int64_t timestamp_ms = 1'700'000'000'000;

  friend bool operator==(const PlainRecord&, const PlainRecord&) = default;
};

inline void PrintTo(const PlainRecord& record, std::ostream* out) {
  *out << "[" << record.partition << "] " << record.key.value_or("(null)") << " = " << record.value.value_or("(null)")
       << " at " << record.timestamp_ms;
  for (const RecordHeader& header : record.headers)
    *out << " " << header.name << ":" << header.value.value_or("(null)");
}

// What a worker of the engine has: its member of the group and its sink. The sink goes first.
struct LogSinkPair {
  std::unique_ptr<EventLog> log;
  std::unique_ptr<UpdateSink> sink;
};

// What the topic of the dead letters takes; the other outputs take a million bytes, and little more.
inline constexpr size_t kLetterTopicBytes = 100'000;

// An input topic, output topics and a consumer group, all fresh. Outputs have one partition.
class LogSinkWorld {
 public:
  virtual ~LogSinkWorld() = default;

  virtual absl::Status CreateTopics(int32_t input_partitions) = 0;

  // Adds partitions to the input until it has so many.
  virtual absl::Status GrowInput(int32_t partitions) = 0;

  // Appends to the input and waits until the records can be read.
  virtual absl::Status Append(const std::vector<PlainRecord>& records) = 0;

  // Deletes the input's records before `offset`, as retention does.
  virtual absl::Status DeleteBefore(int32_t partition, int64_t offset) = 0;

  // One more worker in the group. Those with the same identity fence each other. The sink is not Reset() yet.
  virtual absl::StatusOr<LogSinkPair> Open(const std::string& identity) = 0;

  // One whose Commit() loses the answer, if not every time, then often.
  virtual absl::StatusOr<LogSinkPair> OpenWithLossyCommits(const std::string& identity) = 0;

  // The outputs that a read_committed reader sees, in order; all of what was committed before.
  virtual absl::StatusOr<std::vector<PlainRecord>> ReadCommitted(OutputTopic topic) = 0;
};

struct LogSinkWorldFactory {
  std::string name;
  // An error: such a world is not to be had here; the tests are skipped, but fail where the environment says CI=true.
  std::function<absl::StatusOr<std::unique_ptr<LogSinkWorld>>()> make;
};

inline void PrintTo(const LogSinkWorldFactory& factory, std::ostream* out) { *out << factory.name; }

// A pair together with what it has been told so far.
struct TestWorker {
  LogSinkPair pair;
  std::set<int32_t> owned;
  std::vector<int64_t> offsets;  // of `records`
  std::vector<PlainRecord> records;

  EventLog& log() { return *pair.log; }
  UpdateSink& sink() { return *pair.sink; }
};

class LogSinkContract : public ::testing::TestWithParam<LogSinkWorldFactory> {
 protected:
  static constexpr absl::Duration kPatience = absl::Seconds(30);
  // Long enough to notice records that should not come.
  static constexpr absl::Duration kQuiet = absl::Milliseconds(300);

  void SetUp() override {
    absl::StatusOr<std::unique_ptr<LogSinkWorld>> world = GetParam().make();
    if (!world.ok()) {
      const char* const ci = std::getenv("CI");
      if (ci != nullptr && std::string_view(ci) == "true") FAIL() << world.status();
      GTEST_SKIP() << "NOT TESTED: " << world.status();
    }
    world_ = *std::move(world);
  }

  void CreateTopics(int32_t partitions) {
    const absl::Status status = world_->CreateTopics(partitions);
    ASSERT_TRUE(status.ok()) << status;
  }

  void Append(const std::vector<PlainRecord>& records) {
    const absl::Status status = world_->Append(records);
    ASSERT_TRUE(status.ok()) << status;
  }

  // `count` records "0", "1", ... as value.
  void AppendCounted(int32_t partition, int count) {
    std::vector<PlainRecord> records;
    for (int i = 0; i < count; ++i) records.push_back({partition, "k", std::to_string(i)});
    Append(records);
  }

  TestWorker Adopt(absl::StatusOr<LogSinkPair> pair) {
    TestWorker worker;
    EXPECT_TRUE(pair.ok()) << pair.status();
    if (pair.ok()) worker.pair = *std::move(pair);
    return worker;
  }

  TestWorker Open(const std::string& identity) {
    TestWorker worker = Adopt(world_->Open(identity));
    const absl::Status reset = worker.sink().Reset();
    EXPECT_TRUE(reset.ok()) << reset;
    return worker;
  }

  // One Poll(), whose result is checked and noted.
  void Poll(TestWorker& worker, const PollLimits& limits = {}) {
    absl::StatusOr<PollResult> result = worker.log().Poll(limits);
    ASSERT_TRUE(result.ok()) << result.status();
    for (const int32_t partition : result->revoked) {
      EXPECT_EQ(worker.owned.erase(partition), 1u) << "revoked without having been assigned: " << partition;
    }
    for (const int32_t partition : result->assigned) {
      EXPECT_TRUE(worker.owned.insert(partition).second) << "assigned twice: " << partition;
    }
    for (const Record& record : result->records) {
      EXPECT_TRUE(worker.owned.contains(record.partition)) << "record of a foreign partition " << record.partition;
      worker.offsets.push_back(record.offset);
      worker.records.push_back(
          {record.partition, Copy(record.key), Copy(record.value), record.headers, record.timestamp_ms});
    }
  }

  // Polls all of them in turn until `done`.
  void PollUntil(const std::vector<TestWorker*>& workers, const std::function<bool()>& done) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (!done()) {
      ASSERT_LT(absl::Now(), deadline) << "waited in vain";
      for (TestWorker* worker : workers) ASSERT_NO_FATAL_FAILURE(Poll(*worker, {.wait_max = absl::Milliseconds(20)}));
    }
  }

  void PollQuietly(TestWorker& worker) {
    const absl::Time deadline = absl::Now() + kQuiet;
    while (absl::Now() < deadline) {
      ASSERT_NO_FATAL_FAILURE(Poll(worker, {.wait_max = absl::Milliseconds(20)}));
    }
  }

  void AwaitAssignment(TestWorker& worker, size_t partitions) {
    PollUntil({&worker}, [&] { return worker.owned.size() == partitions; });
  }

  void Fetch(TestWorker& worker, int32_t partition, int64_t offset) {
    const absl::Status status = worker.log().Fetch(partition, offset);
    ASSERT_TRUE(status.ok()) << status;
  }

  void AwaitRecords(TestWorker& worker, size_t count) {
    PollUntil({&worker}, [&] { return worker.records.size() >= count; });
  }

  static OutputRecord Output(std::optional<std::string> key, std::optional<std::string> value,
                             std::vector<RecordHeader> headers = {}, int64_t timestamp_ms = -1) {
    return {OutputTopic::kAccountKpis, std::move(key), std::move(value), std::move(headers), timestamp_ms};
  }

  // Bytes that do not compress.
  static std::string Noise(size_t count) {
    std::mt19937 random(1);
    std::string bytes(count, 0);
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }

  static CommitResult CommitOne(TestWorker& worker, OutputTopic topic, std::string value) {
    OutputRecord record = Output("account", std::move(value));
    record.topic = topic;
    if (absl::Status begun = worker.sink().Begin(); !begun.ok()) return {CommitOutcome::kAborted, std::move(begun)};
    absl::Status published = worker.sink().Publish(std::move(record));
    if (!published.ok()) return {CommitOutcome::kAborted, std::move(published)};
    return worker.sink().Commit({});
  }

  static void BeginAndPublish(TestWorker& worker, const std::vector<std::string>& values) {
    const absl::Status begun = worker.sink().Begin();
    ASSERT_TRUE(begun.ok()) << begun;
    for (const std::string& value : values) {
      const absl::Status published = worker.sink().Publish(Output("account", value));
      ASSERT_TRUE(published.ok()) << published;
    }
  }

  static void Commit(TestWorker& worker, const std::vector<OffsetCommit>& offsets) {
    const CommitResult result = worker.sink().Commit(offsets);
    ASSERT_EQ(result.outcome, CommitOutcome::kCommitted) << result.status;
  }

  static CommittedOffset Committed(TestWorker& worker, int32_t partition) {
    const absl::StatusOr<CommittedOffset> committed = worker.log().Committed(partition);
    EXPECT_TRUE(committed.ok()) << committed.status();
    return committed.ok() ? *committed : CommittedOffset{.offset = -1, .metadata = "failed"};
  }

  std::vector<PlainRecord> Outputs(OutputTopic topic = OutputTopic::kAccountKpis) {
    absl::StatusOr<std::vector<PlainRecord>> records = world_->ReadCommitted(topic);
    EXPECT_TRUE(records.ok()) << records.status();
    return records.ok() ? *std::move(records) : std::vector<PlainRecord>{};
  }

  std::vector<std::string> OutputValues() {
    std::vector<std::string> values;
    for (const PlainRecord& record : Outputs()) values.push_back(record.value.value_or("(null)"));
    return values;
  }

  static std::optional<std::string> Copy(const std::optional<std::string_view>& bytes) {
    return bytes.has_value() ? std::optional<std::string>(*bytes) : std::nullopt;
  }

  std::unique_ptr<LogSinkWorld> world_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_CONTRACT_LOG_SINK_WORLD_H_
