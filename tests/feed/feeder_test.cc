// Whatever becomes of a transaction, every record of an input is one event on the event topic.
#include "feed/feeder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/transient.h"
#include "engine/flaky_ports.h"
#include "support/memory_cluster.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kMapping[] = "name: crm\nsource: json\naccount: a\nkey: id\nrows: [{account_churned: {at: t}}]\n";

class FeederTest : public ::testing::Test {
 protected:
  void Append(int32_t partition, int number) {
    cluster_.Append(partition,
                    {std::nullopt, absl::StrCat(R"({"id": )", number, R"(, "a": "A1", "t": "2025-03-03"})"), {}, 0});
    appended_.push_back(absl::StrCat("crm:account_churned:", number));
  }

  // A process that begins.
  void Start() {
    feeder_ = nullptr;
    sink_ = nullptr;
    log_ = nullptr;
    plain_log_ = nullptr;
    plain_log_ = cluster_.OpenLog();
    log_ = std::make_unique<FlakyLog>(*plain_log_, errors_);
    sink_ = cluster_.OpenSink(plain_log_.get(), "feeder");
    feeder_ = std::make_unique<Feeder>(*log_, *sink_, input_, lookups_, options_);
  }

  // Steps until nothing comes any more; transient errors are tried again, and counted.
  int RunToEnd() {
    int failures = 0;
    for (int idle = 0; idle < 3;) {
      const absl::StatusOr<FedCounts> fed = feeder_->Step();
      if (!fed.ok()) {
        EXPECT_TRUE(IsTransient(fed.status())) << fed.status();
        if (!IsTransient(fed.status()) || ++failures > 50) break;
        continue;
      }
      idle = fed->records == 0 ? idle + 1 : 0;
    }
    return failures;
  }

  std::vector<std::string> Events() {
    std::vector<std::string> ids;
    for (const MemoryRecord& record : cluster_.outputs(kFedEvents)) {
      v1::AccountEvent event;
      EXPECT_TRUE(event.ParseFromString(*record.value));
      ids.push_back(event.event_id());
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  void ExpectAll() {
    std::sort(appended_.begin(), appended_.end());
    EXPECT_EQ(Events(), appended_);
  }

  MemoryCluster cluster_{2};
  const Input input_{"crm", Currency(), DocumentMapper::Parse(kMapping, "m.yaml").value()};
  Lookups lookups_;
  FeederOptions options_;
  PortErrors errors_;
  std::vector<std::string> appended_;
  std::unique_ptr<EventLog> plain_log_;
  std::unique_ptr<FlakyLog> log_;
  std::unique_ptr<UpdateSink> sink_;
  std::unique_ptr<Feeder> feeder_;
};

TEST_F(FeederTest, BeginsWithTheFirstRecordAndGoesOnWhereItWas) {
  for (int i = 0; i < 10; ++i) Append(i % 2, i);
  Start();
  EXPECT_EQ(RunToEnd(), 0);
  ExpectAll();
  EXPECT_THAT(feeder_->next_offsets(), ElementsAre(testing::Pair(0, 5), testing::Pair(1, 5)));
  Append(0, 10);
  Start();
  EXPECT_EQ(RunToEnd(), 0);
  ExpectAll();
}

TEST_F(FeederTest, WhatIsOfNoAccountGoesToEveryPartition) {
  const Input rates("erp.events", Currency());
  absl::StatusOr<int32_t> partitions = absl::UnavailableError("no broker");
  options_.count_partitions = [&] { return partitions; };
  std::vector<std::optional<int32_t>> where;
  cluster_.on_published = [&where](const OutputRecord& record) { where.push_back(record.partition); };
  for (const char* const currency : {"USD", "GBP"}) {
    cluster_.Append(0, {std::nullopt,
                        absl::StrCat(R"({"event_id": ")", currency, R"(", "occurred_at": "2025-03-03T10:00:00Z",
                            "fx_rate_set": {"month": "2025-03", "rate": 0.9, "currency_code": ")",
                                     currency, R"("}})"),
                        {},
                        0});
  }
  cluster_.Append(0, {"x",
                      R"({"event_id": "c", "account_id": "A1", "occurred_at": "2025-03-03T10:00:00Z",
                               "account_churned": {}})",
                      {},
                      0});
  Start();
  feeder_ = std::make_unique<Feeder>(*log_, *sink_, rates, lookups_, options_);
  EXPECT_TRUE(feeder_->Step().ok());  // it is given partitions
  EXPECT_TRUE(absl::IsUnavailable(feeder_->Step().status()));
  EXPECT_THAT(where, IsEmpty());
  partitions = 3;
  EXPECT_EQ(RunToEnd(), 0);
  EXPECT_THAT(where, ElementsAre(0, 1, 2, 0, 1, 2, std::nullopt));
}

TEST_F(FeederTest, WhereOldRecordsAreGoneItBeginsWithTheFirstThatIsThere) {
  for (int i = 0; i < 4; ++i) Append(0, i);
  cluster_.DeleteBefore(0, 3);
  Start();
  RunToEnd();
  EXPECT_THAT(Events(), ElementsAre("crm:account_churned:3"));
}

// Each fault at each of several commits, with a new process after it and without.
TEST_F(FeederTest, AnyEndOfATransactionLosesAndDoublesNothing) {
  options_.poll.records_max = 3;
  int number = 0;
  for (const CommitFault fault :
       {CommitFault::kAborted, CommitFault::kLostCommitted, CommitFault::kLostAborted, CommitFault::kLostUndecided}) {
    for (const bool commits : {false, true}) {
      for (const bool restarts : {false, true}) {
        Start();
        cluster_.undecided_commits = [commits] { return commits; };
        for (int i = 0; i < 9; ++i) Append(i % 2, number++);
        int commit = 0;
        cluster_.next_commit_fault = [&commit, fault] { return ++commit == 2 ? fault : CommitFault::kNone; };
        while (commit < 2) {
          const absl::StatusOr<FedCounts> fed = feeder_->Step();
          EXPECT_TRUE(fed.ok() || IsTransient(fed.status())) << fed.status();
        }
        if (restarts) Start();
        RunToEnd();
        ExpectAll();
      }
    }
  }
}

TEST_F(FeederTest, AProcessThatDiesAnywhereLosesAndDoublesNothing) {
  struct Crash {};
  options_.poll.records_max = 4;
  int number = 0;
  int crashes = 0;
  for (int step = 1; step < 40; ++step) {
    for (int i = 0; i < 8; ++i) Append(i % 2, number++);
    int left = step;
    cluster_.on_step = [&left](std::string_view) {
      if (--left == 0) throw Crash();
    };
    try {
      Start();
      RunToEnd();
    } catch (const Crash&) {
      ++crashes;
    }
    cluster_.on_step = [](std::string_view) {};
    Start();
    RunToEnd();
    ExpectAll();
  }
  EXPECT_GT(crashes, 10);
}

TEST_F(FeederTest, ErrorsOfTheLogPass) {
  for (int i = 0; i < 6; ++i) Append(i % 2, i);
  for (const char* call : {"Poll", "Committed", "Range", "Fetch"})
    errors_.emplace(call, absl::UnavailableError("away"));
  Start();
  EXPECT_EQ(RunToEnd(), 4);
  ExpectAll();
}

TEST_F(FeederTest, ARebalanceMovesPartitionsWithoutLoss) {
  options_.poll.records_max = 2;
  for (int i = 0; i < 12; ++i) Append(i % 2, i);
  Start();
  const std::unique_ptr<EventLog> other_log = cluster_.OpenLog();
  const std::unique_ptr<UpdateSink> other_sink = cluster_.OpenSink(other_log.get(), "other");
  Feeder other(*other_log, *other_sink, input_, lookups_, options_);
  for (int round = 0; round < 40; ++round) {
    if (round % 3 == 0 && round < 30) cluster_.Rebalance();
    for (Feeder* const feeder : {feeder_.get(), &other}) {
      const absl::StatusOr<FedCounts> fed = feeder->Step();
      EXPECT_TRUE(fed.ok() || IsTransient(fed.status())) << fed.status();
    }
  }
  ExpectAll();
}

TEST_F(FeederTest, WhatAnOperatorHasToMendIsNotTransient) {
  Append(0, 1);
  Start();
  cluster_.permanent_error = absl::PermissionDeniedError("may not write");
  absl::Status status;
  for (int i = 0; i < 5 && status.ok(); ++i) status = feeder_->Step().status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  cluster_.permanent_error = absl::OkStatus();
  RunToEnd();
  ExpectAll();
}

TEST_F(FeederTest, ADeadLetterThatDoesNotFitIsCut) {
  cluster_.letter_bytes_max = 2'000;
  cluster_.Append(0, {std::nullopt, "{" + std::string(10'000, 'x'), {}, 0});
  Append(0, 1);
  Start();
  EXPECT_GT(RunToEnd(), 0);
  ExpectAll();
  EXPECT_THAT(cluster_.outputs(OutputTopic::kDeadLetters), SizeIs(1));
}

TEST_F(FeederTest, ALineThatIsTooSlowGetsSmallerTransactions) {
  cluster_.transaction_bytes_max = 400;
  for (int i = 0; i < 40; ++i) Append(0, i);
  Start();
  EXPECT_GT(RunToEnd(), 0);
  ExpectAll();
  EXPECT_THAT(cluster_.outputs(OutputTopic::kDeadLetters), IsEmpty());
}

}  // namespace
}  // namespace keyfold
