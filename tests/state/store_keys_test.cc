#include "state/store_keys.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/varint.h"

namespace keyfold {
namespace {

// Contributions as PackLedger wants them: sorted, summed, none zero.
rc::Gen<std::vector<Contribution>> Summed() {
  const auto one = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(1, kMeasureNumberMax + 1), rc::gen::inRange<int16_t>(0, 1200),
                     rc::gen::inRange<Day>(-2, 85'000), rc::gen::arbitrary<int64_t>()),
      [](const auto& parts) {
        const auto measure = static_cast<Measure>(std::get<0>(parts));
        return Contribution{{measure, std::get<1>(parts), *Currency::Parse(std::get<2>(parts) % 2 == 0 ? "EUR" : "ZMW"),
                             std::get<2>(parts)},
                            std::get<3>(parts)};
      });
  return rc::gen::map(rc::gen::container<std::vector<Contribution>>(one), [](std::vector<Contribution> items) {
    std::map<LedgerCell, int64_t> cells;
    for (const Contribution& item : items) cells[item.cell] = item.amount;
    std::vector<Contribution> summed;
    for (const auto& [cell, amount] : cells) {
      if (amount != 0) summed.push_back({cell, amount});
    }
    return summed;
  });
}

std::map<LedgerCell, int64_t> Cells(const std::vector<Contribution>& items) {
  std::map<LedgerCell, int64_t> cells;
  for (const Contribution& item : items) cells[item.cell] = item.amount;
  return cells;
}

TEST(StoreKeysTest, LedgerBlocksGiveBackWhatWasPacked) {
  const bool held = rc::check([] {
    const std::vector<Contribution> items = *Summed();
    std::vector<Contribution> unpacked;
    for (const auto& [block, cells] : PackLedger(items)) RC_ASSERT(UnpackLedgerBlock(block, cells, unpacked));
    RC_ASSERT(Cells(unpacked) == Cells(items));
    RC_ASSERT(unpacked.size() == items.size());
  });
  EXPECT_TRUE(held);
}

TEST(StoreKeysTest, MergingBlocksAddsCells) {
  const bool held = rc::check([] {
    const std::vector<Contribution> a = *Summed();
    const std::vector<Contribution> b = *Summed();
    std::map<int, std::string> merged;
    for (const auto* items : {&a, &b}) {
      for (auto& [block, cells] : PackLedger(*items)) merged[block] = *MergeLedgerBlocks(merged[block], cells);
    }
    std::vector<Contribution> unpacked;
    for (const auto& [block, cells] : merged) RC_ASSERT(UnpackLedgerBlock(block, cells, unpacked));
    RC_ASSERT(Cells(unpacked) == Cells(AddContributions(a, b)));
  });
  EXPECT_TRUE(held);
}

TEST(StoreKeysTest, DamagedBlocksAreNoticed) {
  std::vector<Contribution> items;
  const std::string damaged("\xff\xff", 2);
  EXPECT_FALSE(UnpackLedgerBlock(1, damaged, items));
  EXPECT_EQ(MergeLedgerBlocks(damaged, ""), std::nullopt);
  EXPECT_EQ(MergeLedgerBlocks("", damaged), std::nullopt);
}

// Of another version, or damaged: nothing is looked up by what is not known.
TEST(StoreKeysTest, BlocksWithUnknownMeasuresAndCurrenciesAreRefused) {
  const auto block_of = [](uint64_t measure, uint64_t currency) {
    std::string bytes;
    AppendVarint(bytes, measure << 37 | currency << 9);
    AppendVarint(bytes, 2);
    return bytes;
  };
  const uint64_t euro = Currency::Parse("EUR")->packed();
  const uint64_t no_currency = (1 << 10) | (1 << 5) | 1;  // AAA
  std::vector<Contribution> items;
  EXPECT_TRUE(UnpackLedgerBlock(1, block_of(kMeasureNumberMax, euro), items));
  EXPECT_EQ(items.size(), 1u);
  EXPECT_FALSE(UnpackLedgerBlock(1, block_of(0, euro), items));
  EXPECT_FALSE(UnpackLedgerBlock(1, block_of(kMeasureNumberMax + 1, euro), items));
  EXPECT_FALSE(UnpackLedgerBlock(1, block_of(uint64_t{1} << 20, euro), items));
  EXPECT_FALSE(UnpackLedgerBlock(1, block_of(1, no_currency), items));
  EXPECT_FALSE(UnpackLedgerBlock(1, block_of(1, 0xffff), items));
  EXPECT_EQ(items.size(), 1u);
}

TEST(StoreKeysTest, NoAccountsKeysBeginWithAnothers) {
  const std::string longer = "AB";
  EXPECT_FALSE(absl::StartsWith(EntityKey("AB", {EntityKind::kOrder, "1"}), EntitiesPrefix("A")));
  EXPECT_FALSE(absl::StartsWith(LedgerBlockKey("AB", 1), LedgerPrefix("A")));
  EXPECT_TRUE(absl::StartsWith(EntityKey("A", {EntityKind::kOrder, "1"}), EntitiesPrefix("A", EntityKind::kOrder)));
  EXPECT_EQ(AccountIdOf(AccountKey(std::string(128, 'x'))), std::string(128, 'x'));
  EXPECT_EQ(BlockOf(LedgerBlockKey("A", 300)), 300);
}

}  // namespace
}  // namespace keyfold
