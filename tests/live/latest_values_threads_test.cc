// One thread feeds, many ask and follow streams, over RocksDB; worth most under the thread sanitizer.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "live/latest_world.h"
#include "live/stream_reader.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

constexpr int kAccountsWritten = 50;
constexpr int kRounds = 200;

std::string AccountOf(int number) { return "A" + std::to_string(number); }

// A batch in which every account has another value, and some another manager.
void ApplyRound(LatestValues& values, int round) {
  std::vector<std::string> ids;
  std::vector<std::string> bytes;
  for (int i = 0; i < kAccountsWritten; ++i) {
    v1::KpiUpdate update = AnUpdate(AccountOf(i), (i + round) % 3 == 0 ? "M1" : "M2", round * i);
    update.set_source_offset(round);
    ids.push_back(AccountOf(i));
    bytes.push_back(update.SerializeAsString());
  }
  std::vector<PublishedRecord> records;
  for (int i = 0; i < kAccountsWritten; ++i) {
    const auto index = static_cast<size_t>(i);
    records.push_back(
        {LatestTopic::kAccounts, i % 2, int64_t{round} * kAccountsWritten + i, round, ids[index], bytes[index]});
  }
  const absl::StatusOr<LatestReport> report = values.Apply(records);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->applied, kAccountsWritten);
}

void Ask(LatestValues& values, const std::atomic<bool>& done) {
  RowQuery query;
  query.sort = {LatestTopic::kAccounts, SortBy::Kind::kKpi, "revenue"};
  const Visibility visibility{false, {"manager:M1"}};
  while (!done) {
    const absl::StatusOr<LatestPage> page = values.List(query, visibility, {});
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& row : page->rows) {
      EXPECT_EQ(nlohmann::json::parse(*row).at("attributes").at("manager_id"), "M1");
    }
    EXPECT_TRUE(values.Row(LatestTopic::kAccounts, AccountOf(1), {true}, {}).ok());
  }
}

TEST(LatestValuesThreadsTest, ReadersBesideTheWriterSeeWhatTheyMay) {
  std::string directory = ::testing::TempDir() + "keyfold-latest-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  RocksEnvironment environment{RocksMemory{.block_cache_bytes = 8 << 20, .write_buffer_bytes = 4 << 20}};
  const auto open = [&] {
    return LatestValues::Open(OpenRocksStore(environment, directory, nullptr).value(),
                              {"cluster", {"account-kpis", "rollup-kpis", "account-alerts"}}, {.order_bytes_max = 1},
                              [](std::string_view /*line*/) {})
        .value();
  };
  auto values = open();
  ApplyRound(*values, 0);
  values.reset();
  values = open();
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back([&] { Ask(*values, done); });
  for (const bool sees_all : {true, false}) {
    threads.emplace_back([&, sees_all] {
      const Visibility visibility{sees_all, {"manager:M1"}};
      StreamReader reader(visibility, {.all_accounts = true});
      reader.on_update = [&](const nlohmann::json& json) {
        EXPECT_TRUE(sees_all || json.at("attributes").at("manager_id") == "M1");
      };
      reader.Connect(*values);
      for (int i = 1; !done; ++i) {
        reader.Receive(2000);
        if (i % 7 == 0) reader.Connect(*values);
      }
      reader.ReceiveAll();
      for (int i = 0; i < kAccountsWritten; ++i) {
        const bool is_visible = sees_all || (i + kRounds) % 3 == 0;
        EXPECT_EQ(reader.known.contains(AccountOf(i)), is_visible) << i;
        if (is_visible) {
          EXPECT_EQ(reader.known[AccountOf(i)], kRounds);
        }
      }
    });
  }
  for (int round = 1; round <= kRounds; ++round) ApplyRound(*values, round);
  done = true;
  for (std::thread& thread : threads) thread.join();
  values.reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace keyfold
