// The idea that everything rests on: results do not depend on the order of arrival, on how the log is cut into
// batches, or on how often a record comes.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "fold/account_table.h"
#include "fold/fold_batch.h"
#include "state/entity_page.h"
#include "state/store_keys.h"
#include "store/memory_store.h"
#include "support/default_catalog.h"
#include "support/random_history.h"

namespace keyfold {
namespace {

class FoldPropertyTest : public ::testing::Test {
 protected:
  const Catalog catalog_ = DefaultCatalog();
  const Decoder decoder_{*Currency::Parse("EUR")};

  // Folds records in batches that end where `cuts` says, and returns everything stored.
  std::map<std::string, std::string> Fold(const std::vector<std::string>& records, const std::vector<bool>& cuts) {
    MemoryStore store(MergeStored);
    RateTable rates;
    std::deque<DecodedRecord> decoded;  // of the batch
    MemoryBudget budget(0);
    AccountTable accounts(store, catalog_, budget);
    auto batch = std::make_unique<FoldBatch>(accounts);
    const auto finish = [&] {
      StoreBatch writes;
      EXPECT_TRUE(batch->Finish(writes, rates).ok());
      accounts.EndBatch();
      accounts.TakeChanges(writes);
      EXPECT_TRUE(store.Write(writes).ok());
      accounts.Trim();
      batch = std::make_unique<FoldBatch>(accounts);
      decoded.clear();
    };
    for (size_t i = 0; i < records.size(); ++i) {
      v1::AccountEvent event;
      EXPECT_TRUE(event.ParseFromString(records[i]));
      Record record;
      record.key = event.account_id();
      record.value = records[i];
      decoded.push_back(decoder_.Decode(record));
      EXPECT_TRUE(std::holds_alternative<ValidEvent>(decoded.back()));
      const auto result = batch->Apply(std::get<ValidEvent>(decoded.back()), 0, 0);
      EXPECT_TRUE(result.ok());
      EXPECT_FALSE(std::holds_alternative<Rejection>(*result));
      if (cuts[i]) finish();
    }
    finish();
    return WithoutPlaces(store.contents());
  }

  // Entities by name and not by number, which is the order of arrival; and without cells that cancelled out.
  static std::map<std::string, std::string> WithoutPlaces(
      const std::map<std::string, std::string, std::less<>>& contents) {
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : contents) {
      if (key[0] == 'f') {
        PageReader page(value);
        while (const std::optional<PagedEntity> entity = page.Next()) {
          const EntityRef ref{entity->kind, std::string(entity->id)};
          const std::string name = EntityKey(AccountIdOf(key).substr(0, static_cast<size_t>(key[1])), ref);
          EXPECT_TRUE(result.emplace(name, entity->bytes).second) << "it lies in two places: " << name;
        }
        EXPECT_FALSE(page.damaged());
      } else if (key[0] != 'a' && key[0] != 'x' && !value.empty()) {
        result.emplace(key, value);
      }
    }
    return result;
  }

  // Events with their revisions and retractions, no two of the same id and revision that differ.
  static std::vector<std::string> MakeEvents(uint64_t seed, int count) {
    RandomHistory history(seed);
    std::vector<std::string> records;
    for (int i = 0; i < count; ++i) {
      v1::AccountEvent event = history.NewEvent();
      records.push_back(event.SerializeAsString());
      for (int64_t revisions = history.Number(-3, 2); revisions > 0; --revisions) {
        event.set_revision(event.revision() + 1);
        event.set_retracted(history.Chance(40));
        event.mutable_occurred_at()->set_seconds(event.occurred_at().seconds() + history.Number(-90'000, 90'000));
        records.push_back(event.SerializeAsString());
      }
    }
    return records;
  }
};

TEST_F(FoldPropertyTest, OrderCutsAndDuplicatesDoNotMatter) {
  const bool held = rc::check([this] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    std::mt19937_64 random(seed);
    std::vector<std::string> records = MakeEvents(seed, 60);
    const auto in_order = Fold(records, std::vector<bool>(records.size(), false));

    const size_t distinct = records.size();
    for (size_t i = 0; i < distinct; i += 3) records.push_back(records[i]);
    std::shuffle(records.begin(), records.end(), random);
    std::vector<bool> cuts(records.size());
    for (size_t i = 0; i < cuts.size(); ++i) cuts[i] = random() % 4 == 0;
    RC_ASSERT(Fold(records, cuts) == in_order);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace keyfold
