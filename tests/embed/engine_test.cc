// The embedded engine: what it publishes is what `fold` says, however it is fed and started again.
#include "keyfold/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "event/decoder.h"
#include "fold/offline_fold.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "state/store_keys.h"
#include "store/memory_store.h"
#include "support/default_catalog.h"
#include "support/event_builder.h"
#include "support/published.h"
#include "support/random_history.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;

// The latest values of each id; an id that is gone is not there.
using Latest = std::map<std::string, std::map<std::string, double>>;

class EmbeddedEngineTest : public testing::Test {
 protected:
  EmbeddedEngineTest() { std::filesystem::remove_all(options_.state_directory); }
  ~EmbeddedEngineTest() override { std::filesystem::remove_all(options_.state_directory); }

  void Append(MemoryRecord record) { log_.push_back(std::move(record)); }

  void AppendRandom(uint64_t seed, int count) {
    RandomHistory history(seed);
    for (int i = 0; i < count; ++i) Append(history.Next());
  }

  void Open() {
    engine_ = nullptr;
    auto engine = Engine::Open(options_);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  // Feeds what has not been folded, up to an offset, `step` records at a time.
  absl::Status FeedTo(size_t end, size_t step) {
    while (static_cast<size_t>(engine_->next_offset()) < end) {
      std::vector<Record> records;
      for (auto at = static_cast<size_t>(engine_->next_offset()); at < end && records.size() < step; ++at) {
        records.push_back(RecordFrom(log_[at], static_cast<int64_t>(at)));
      }
      const absl::Status folded = engine_->Fold(records, [this](const OutputRecord& output) { return Take(output); });
      if (!folded.ok()) return folded;
    }
    return absl::OkStatus();
  }

  absl::Status Take(const OutputRecord& output) {
    EXPECT_NE(output.topic, OutputTopic::kPartials);
    if (output.topic == OutputTopic::kDeadLetters) return absl::OkStatus();
    if (output.topic == OutputTopic::kAlerts) {
      alerts_.insert_or_assign(*output.key, output.value.has_value() && ParseAlert(*output.value).raised());
      return absl::OkStatus();
    }
    if (refuses_at_ > 0 && --refuses_at_ == 0) return absl::UnavailableError("the sink is away");
    if (!output.value.has_value()) {
      latest_.erase(*output.key);
      return absl::OkStatus();
    }
    const v1::KpiUpdate update = ParseUpdate(*output.value);
    as_of_ = update.as_of();
    latest_[*output.key] = {update.kpis().begin(), update.kpis().end()};
    return absl::OkStatus();
  }

  // What folding the log at once says of the date that was reached.
  Latest Expected() const {
    const Catalog catalog = DefaultCatalog();
    MemoryStore store(MergeStored);
    OfflineFold fold(catalog, store);
    const Decoder decoder(catalog.reporting_currency());
    const auto ignore = [](int64_t, const Rejection&) {};
    for (size_t i = 0; i < log_.size(); ++i) {
      const auto offset = static_cast<int64_t>(i);
      EXPECT_TRUE(fold.Add(decoder.Decode(RecordFrom(log_[i], offset)), offset, ignore).ok());
    }
    EXPECT_TRUE(fold.Flush(ignore).ok());
    Latest expected;
    const auto put = [&](const FoldedValues& values) {
      expected[values.id] = {values.kpis.begin(), values.kpis.end()};
    };
    const Day day = *ParseDay(as_of_);
    EXPECT_TRUE(fold.VisitAccounts(day, put).ok());
    EXPECT_TRUE(fold.VisitGroups(day, put).ok());
    return expected;
  }

  EngineOptions options_{.state_directory = testing::TempDir() + "embedded-engine"};
  std::vector<MemoryRecord> log_;
  std::unique_ptr<Engine> engine_;
  Latest latest_;
  std::map<std::string, bool> alerts_;  // whether it is raised, by its key
  std::string as_of_;
  int refuses_at_ = 0;  // the sink refuses the update of this number, counted from now; 0: none
};

TEST_F(EmbeddedEngineTest, PublishesWhatFoldSays) {
  options_.state_directory.clear();
  AppendRandom(7, 1'500);
  Open();
  ASSERT_EQ(FeedTo(log_.size(), 40), absl::OkStatus());
  EXPECT_GT(latest_.size(), 5u);
  EXPECT_EQ(latest_, Expected());
}

TEST_F(EmbeddedEngineTest, GoesOnWhereItWas) {
  AppendRandom(8, 900);
  Open();
  ASSERT_EQ(FeedTo(500, 100), absl::OkStatus());
  ASSERT_EQ(engine_->Flush(), absl::OkStatus());
  Open();
  EXPECT_EQ(engine_->next_offset(), 500);
  ASSERT_EQ(FeedTo(log_.size(), 100), absl::OkStatus());
  EXPECT_EQ(latest_, Expected());
}

// What was not flushed is folded again, from wherever next_offset() says.
TEST_F(EmbeddedEngineTest, ASinkThatRefusesCostsNothing) {
  AppendRandom(9, 900);
  Open();
  int refusals = 0;
  for (refuses_at_ = 37; FeedTo(log_.size(), 60) != absl::OkStatus(); refuses_at_ = 150) {
    ASSERT_LT(++refusals, 100);
    Open();
  }
  EXPECT_GT(refusals, 1);
  EXPECT_EQ(latest_, Expected());
}

TEST_F(EmbeddedEngineTest, RefusesTheStateOfAnotherLogAndAWrongSetting) {
  Open();
  Append(RecordOf("2026-01-05", Opened("A1")));
  ASSERT_EQ(FeedTo(1, 1), absl::OkStatus());
  ASSERT_EQ(engine_->Flush(), absl::OkStatus());
  engine_ = nullptr;
  options_.log_name = "others";
  EXPECT_TRUE(absl::IsFailedPrecondition(Engine::Open(options_).status()));
  options_.time_zone = "Middle/Earth";
  const absl::Status wrong = Engine::Open(options_).status();
  EXPECT_TRUE(absl::IsInvalidArgument(wrong)) << wrong;
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("Middle/Earth"));
}

}  // namespace
}  // namespace keyfold
