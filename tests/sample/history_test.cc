#include "sample/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/currency.h"
#include "config/config.h"
#include "event/decoder.h"
#include "event/validation.h"
#include "fold/offline_fold.h"
#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

constexpr int kPayloads = 51;  // 49 of accounts, 2 control payloads

struct SampleRecord {
  SampleStep step;
  v1::AccountEvent event;
};

std::vector<SampleRecord> Generate(const SampleOptions& options) {
  std::vector<SampleRecord> records;
  const auto history = SampleHistory::Create(options);
  EXPECT_TRUE(history.ok()) << history.status();
  if (!history.ok()) return records;
  v1::AccountEvent event;
  for (SampleStep step = (*history)->Next(event); step != SampleStep::kEnd; step = (*history)->Next(event)) {
    records.push_back({step, event});
  }
  return records;
}

int64_t MillisecondsOf(const v1::AccountEvent& event) {
  return event.occurred_at().seconds() * 1000 + event.occurred_at().nanos() / 1'000'000;
}

// FNV-1a over the records; their Protobuf bytes are canonical, since none has a map.
uint64_t Fingerprint(const std::vector<SampleRecord>& records) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const SampleRecord& record : records) {
    for (const char byte : record.event.SerializeAsString()) {
      hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3u;
    }
  }
  return hash;
}

TEST(SampleHistoryTest, EveryPayloadComesAndEveryEventIsValid) {
  const auto records = Generate({.accounts = 100, .events = 30'000});
  ASSERT_EQ(records.size(), 30'000u);
  std::map<int, int> seen;
  for (const SampleRecord& record : records) {
    const Validation validation = Validate(record.event, *Currency::Parse("EUR"));
    ASSERT_EQ(validation.problem, "") << record.event.ShortDebugString();
    ++seen[record.event.payload_case()];
  }
  const auto* const payloads = v1::AccountEvent::descriptor()->FindOneofByName("payload");
  ASSERT_EQ(payloads->field_count(), kPayloads);
  for (int i = 0; i < payloads->field_count(); ++i) {
    EXPECT_GT(seen[payloads->field(i)->number()], 0) << payloads->field(i)->name();
  }
}

TEST(SampleHistoryTest, FoldsWithoutARejection) {
  const auto catalog = LoadCatalog(Config{});
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  MemoryStore store(MergeStored);
  OfflineFold fold(*catalog, store);
  const Decoder decoder(catalog->reporting_currency());
  const auto on_rejection = [](int64_t offset, const Rejection& rejection) {
    ADD_FAILURE() << offset << ": " << rejection.message;
  };
  int64_t offset = 0;
  for (const SampleRecord& sample : Generate({.accounts = 20, .events = 20'000, .zipf_exponent = 2, .erasures = 5})) {
    const std::string bytes = sample.event.SerializeAsString();
    Record record;
    record.key = sample.event.account_id();
    if (sample.step == SampleStep::kEvent) record.value = bytes;
    ASSERT_TRUE(fold.Add(decoder.Decode(record), ++offset, on_rejection).ok());
  }
  ASSERT_TRUE(fold.Flush(on_rejection).ok());
  EXPECT_EQ(fold.counts().rejected, 0);
  EXPECT_EQ(fold.counts().erasures, 5);
  EXPECT_GT(fold.counts().duplicates, 0);
  int accounts = 0;
  ASSERT_TRUE(fold.VisitAccounts(*fold.LastDay(), [&accounts](const FoldedValues&) { ++accounts; }).ok());
  EXPECT_EQ(accounts, 15);
}

TEST(SampleHistoryTest, SomeAccountsBelongTogetherAndSomeRenewalsComeLate) {
  std::set<std::string> parents;
  int gaps = 0;
  for (const SampleRecord& record : Generate({.accounts = 100, .events = 30'000})) {
    const v1::AccountEvent& event = record.event;
    if (event.has_account_opened()) parents.insert(event.account_opened().parent_id());
    gaps += event.contract_renewed().start_date().empty() ? 0 : 1;
  }
  EXPECT_EQ(parents.size(), 11u);  // one in ten, and nobody
  EXPECT_GT(gaps, 0);
}

TEST(SampleHistoryTest, SameSeedSameRecordsOtherSeedOthers) {
  const SampleOptions options{.accounts = 50, .events = 3'000, .seed = 7};
  const uint64_t fingerprint = Fingerprint(Generate(options));
  EXPECT_EQ(fingerprint, Fingerprint(Generate(options)));
  SampleOptions other = options;
  other.seed = 8;
  EXPECT_NE(fingerprint, Fingerprint(Generate(other)));
}

// Known from one machine, so that it holds on all. A change of the generator changes it.
TEST(SampleHistoryTest, FingerprintIsThatOfEveryMachine) {
  EXPECT_EQ(Fingerprint(Generate({.accounts = 50, .events = 3'000, .seed = 7})), 18046384217641598347u);
}

TEST(SampleHistoryTest, RatesOfAllMonthsComeFirst) {
  const auto records = Generate({.accounts = 5, .events = 200, .from = 19'723, .to = 19'723 + 59});  // 2024-01, -02
  std::set<std::string> rates;
  for (size_t i = 0; i < 6; ++i) {
    ASSERT_TRUE(records[i].event.has_fx_rate_set()) << i;
    rates.insert(
        absl::StrCat(records[i].event.fx_rate_set().currency_code(), " ", records[i].event.fx_rate_set().month()));
  }
  EXPECT_EQ(rates, (std::set<std::string>{"GBP 2024-01", "GBP 2024-02", "JPY 2024-01", "JPY 2024-02", "USD 2024-01",
                                          "USD 2024-02"}));
  for (size_t i = 6; i < records.size(); ++i) EXPECT_FALSE(records[i].event.has_fx_rate_set());
}

TEST(SampleHistoryTest, RatesLeadToTheReportingCurrency) {
  SampleOptions options{.accounts = 5, .events = 20, .from = 19'723, .to = 19'730};
  options.reporting_currency = "USD";
  for (const SampleRecord& record : Generate(options)) {
    EXPECT_EQ(Validate(record.event, *Currency::Parse("USD")).problem, "");
  }
}

TEST(SampleHistoryTest, TimeRunsFromTheFirstDayToTheLastWithLittleDisorder) {
  const SampleOptions options{.accounts = 100, .events = 20'000};
  const auto records = Generate(options);
  int64_t latest = 0;
  int disordered = 0;
  for (const SampleRecord& record : records) {
    const int64_t ms = MillisecondsOf(record.event);
    EXPECT_GE(ms, options.from * int64_t{86'400'000});
    EXPECT_LT(ms, (options.to + 1) * int64_t{86'400'000});
    disordered += ms < latest ? 1 : 0;
    latest = std::max(latest, ms);
  }
  EXPECT_GT(disordered, 0);
  EXPECT_LT(disordered, 20'000 / 10);
  EXPECT_GT(latest, (options.to - 5) * int64_t{86'400'000});
}

TEST(SampleHistoryTest, EveryAccountIsOpenedOnceAndFirst) {
  const auto records = Generate({.accounts = 300, .events = 20'000});
  std::map<std::string, int> opened;
  for (const SampleRecord& record : records) {
    const v1::AccountEvent& event = record.event;
    if (event.has_account_opened()) ++opened[event.account_id()];
    if (event.account_id().empty()) continue;
    EXPECT_EQ(opened[event.account_id()], 1) << event.ShortDebugString();
  }
  EXPECT_EQ(opened.size(), 300u);
}

TEST(SampleHistoryTest, SomeRecordsAreCopiesCorrectionsAndWithdrawals) {
  std::map<std::pair<std::string, uint32_t>, std::string> seen;
  int copies = 0;
  int corrections = 0;
  int withdrawals = 0;
  for (const SampleRecord& record : Generate({.accounts = 100, .events = 20'000})) {
    const v1::AccountEvent& event = record.event;
    const auto [known, is_new] = seen.emplace(std::pair(event.event_id(), event.revision()), event.SerializeAsString());
    EXPECT_EQ(known->second, event.SerializeAsString());
    copies += is_new ? 0 : 1;
    corrections += event.revision() > 0 && !event.retracted() ? 1 : 0;
    withdrawals += event.retracted() ? 1 : 0;
  }
  EXPECT_GT(copies, 20);
  EXPECT_GT(corrections, 20);
  EXPECT_GT(withdrawals, 5);
}

TEST(SampleHistoryTest, NothingIsHeardOfAnErasedAccount) {
  std::set<std::string> erased;
  for (const SampleRecord& record : Generate({.accounts = 10, .events = 5'000, .zipf_exponent = 3, .erasures = 5})) {
    EXPECT_FALSE(erased.contains(record.event.account_id()));
    if (record.step == SampleStep::kErasure) erased.insert(record.event.account_id());
  }
  EXPECT_EQ(erased.size(), 5u);
}

TEST(SampleHistoryTest, TheBusiestAccountHasMoreThanTheOthers) {
  std::map<std::string, int> zipf;
  std::map<std::string, int> uniform;
  for (const auto& record : Generate({.accounts = 50, .events = 20'000})) ++zipf[record.event.account_id()];
  for (const auto& record : Generate({.accounts = 50, .events = 20'000, .zipf_exponent = 0})) {
    ++uniform[record.event.account_id()];
  }
  EXPECT_GT(zipf["ACC-000001"], 5 * zipf["ACC-000030"]);
  EXPECT_LT(uniform["ACC-000001"], 3 * uniform["ACC-000030"]);
}

TEST(SampleHistoryTest, SmallestHistories) {
  EXPECT_TRUE(Generate({.accounts = 1, .events = 0}).empty());
  EXPECT_EQ(Generate({.accounts = 1, .events = 1}).size(), 1u);
  EXPECT_EQ(Generate({.accounts = 1000, .events = 100}).size(), 100u);
  EXPECT_EQ(Generate({.accounts = 1, .events = 500, .from = 19'728, .to = 19'729}).size(), 500u);  // a weekend
}

TEST(SampleHistoryTest, RefusesWhatMakesNoSense) {
  EXPECT_FALSE(SampleHistory::Create({.accounts = 0}).ok());
  EXPECT_FALSE(SampleHistory::Create({.events = -1}).ok());
  EXPECT_FALSE(SampleHistory::Create({.zipf_exponent = -0.5}).ok());
  EXPECT_FALSE(SampleHistory::Create({.from = 19'724, .to = 19'723}).ok());
  EXPECT_FALSE(SampleHistory::Create({.accounts = 10, .erasures = 6}).ok());
  SampleOptions francs;
  francs.reporting_currency = "CHF";
  EXPECT_FALSE(SampleHistory::Create(francs).ok());
}

}  // namespace
}  // namespace keyfold
