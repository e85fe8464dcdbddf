#include "fold/account_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/entity_page.h"
#include "state/store_keys.h"
#include "store/memory_store.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Pointee;
using ::testing::WhenSorted;

class AccountTableTest : public ::testing::Test {
 protected:
  HeldAccount& Open(std::string_view id = "A1") { return *table_->Open({&id, 1})->front(); }

  static std::string Paged(const std::string& id, uint32_t number, const std::string& bytes) {
    std::string page;
    AppendToPage({EntityKind::kOrder, id}, number % kEntitiesPerPage, bytes, page);
    return page;
  }

  // Adds an entity with these bytes, and an amount to a day.
  uint32_t AddOrder(HeldAccount& account, const std::string& id, const std::string& bytes = "v") {
    const uint32_t number = *table_->AddEntity({&account, EntityHash({EntityKind::kOrder, id})});
    account.SetEntity(number, Paged(id, number, bytes));
    account.AddToLedger(std::vector<Contribution>{On(20'000, 5)});
    table_->MarkChanged(account);
    return number;
  }

  static Contribution On(Day day, int64_t amount) { return {{Measure::kOrders, 0, Currency(), day}, amount}; }

  void Write() {
    table_->EndBatch();
    StoreBatch writes;
    table_->TakeChanges(writes);
    ASSERT_TRUE(store_.Write(std::move(writes)).ok());
    table_->Trim();
  }

  void Reopen() {
    Write();
    table_.emplace(store_, catalog_, budget_);
  }

  std::vector<std::string> Keys() const {
    std::vector<std::string> tags;
    for (const auto& [key, value] : store_.contents()) tags.push_back(key.substr(0, 1));
    return tags;
  }

  const Catalog catalog_ = DefaultCatalog();
  MemoryStore store_{MergeStored};
  MemoryBudget budget_{1 << 20};
  std::optional<AccountTable> table_{std::in_place, store_, catalog_, budget_};
};

TEST_F(AccountTableTest, WhatManyBatchesHaveChangedIsWrittenOnce) {
  for (int batch = 0; batch < 20; ++batch) {
    AddOrder(Open(), "O" + std::to_string(batch));
    table_->EndBatch();
  }
  EXPECT_THAT(Keys(), IsEmpty());
  StoreBatch writes;
  table_->TakeChanges(writes);
  EXPECT_EQ(writes.operations().size(), 4u);  // the account, two pages, a block of the ledger
  StoreBatch more;
  table_->TakeChanges(more);
  EXPECT_THAT(more.operations(), IsEmpty());
}

TEST_F(AccountTableTest, WritesInTheOrderOfTheKeys) {
  for (const std::string id : {"B", "AB", "A"}) {
    HeldAccount& account = Open(id);
    for (int i = 0; i < 100; ++i) AddOrder(account, "O" + std::to_string(i));
    account.AddToLedger(std::vector<Contribution>{On(10'000, 1), {{Measure::kMeetings, 0, Currency(), 5'000}, 1}});
  }
  table_->EndBatch();
  StoreBatch writes;
  table_->TakeChanges(writes);
  std::vector<std::string> keys;
  for (const StoreBatch::Operation& operation : writes.operations()) keys.push_back(operation.key);
  EXPECT_THAT(keys, WhenSorted(ElementsAreArray(keys)));
  EXPECT_GT(keys.size(), 3u * (7 + 3 + 1)) << "pages, blocks of the ledger, buckets";
}

TEST_F(AccountTableTest, WhatIsNotWrittenIsSeen) {
  const uint32_t first = AddOrder(Open(), "O1");
  EXPECT_THAT(Open().FindUnwritten(first), Pointee(Eq(Paged("O1", first, "v"))));
  EXPECT_TRUE(table_->IsUnwritten("A1"));
  EXPECT_FALSE(table_->IsUnwritten("A2"));
  Reopen();
  EXPECT_FALSE(table_->IsUnwritten("A1"));
  EXPECT_THAT(*table_->FindEntity({&Open(), EntityHash({EntityKind::kOrder, "O1"})}), ElementsAre(first));
  EXPECT_EQ(Open().FindUnwritten(first), nullptr);
  EXPECT_THAT(*table_->ReadLedger(Open()), ElementsAre(On(20'000, 5)));

  Open().SetEntity(first, Paged("O1", first, "changed"));
  Open().AddToLedger(std::vector<Contribution>{On(20'001, 2), On(20'000, -5), On(20'001, 3)});
  table_->MarkChanged(Open());
  EXPECT_THAT(*table_->ReadLedger(Open()), ElementsAre(On(20'001, 5)));
  Reopen();
  EXPECT_THAT(*table_->ReadLedger(Open()), ElementsAre(On(20'001, 5)));
  EXPECT_EQ(*store_.Get(EntityPageKey("A1", 0)), Paged("O1", first, "changed"));
}

TEST_F(AccountTableTest, AnErasedAccountBeginsAnew) {
  for (int i = 0; i < 300; ++i) AddOrder(Open(), "O" + std::to_string(i));
  table_->EraseEntities(Open());
  EXPECT_THAT(*table_->FindEntity({&Open(), EntityHash({EntityKind::kOrder, "O7"})}), IsEmpty());
  EXPECT_EQ(Open().FindUnwritten(7), nullptr);
  EXPECT_THAT(*table_->ReadLedger(Open()), IsEmpty());
  EXPECT_EQ(AddOrder(Open(), "O9"), 0u);
  Write();
  EXPECT_THAT(Keys(), ElementsAre("a", "f", "l"));
}

TEST_F(AccountTableTest, WhatIsEditedAndWhatIsNewShareAPage) {
  const uint32_t first = AddOrder(Open(), "O1");
  const uint32_t second = AddOrder(Open(), "O2");
  Write();
  Open().SetEntity(first, Paged("O1", first, "edited"));
  const uint32_t third = AddOrder(Open(), "O3");
  EXPECT_THAT(Open().FindUnwritten(first), Pointee(Eq(Paged("O1", first, "edited"))));
  EXPECT_EQ(Open().FindUnwritten(second), nullptr);
  EXPECT_THAT(Open().FindUnwritten(third), Pointee(Eq(Paged("O3", third, "v"))));
  EXPECT_EQ(Open().FindUnwritten(third + 1), nullptr);
  Open().SetEntity(third, Paged("O3", third, "edited"));
  Write();
  EXPECT_EQ(Open().FindUnwritten(third), nullptr);
  EXPECT_EQ(**store_.Get(EntityPageKey("A1", 0)),
            Paged("O1", first, "edited") + Paged("O2", second, "v") + Paged("O3", third, "edited"));
}

TEST_F(AccountTableTest, ManyEntitiesAreFoundThroughTheirBuckets) {
  for (int i = 0; i < 1'000; ++i) AddOrder(Open(), "O" + std::to_string(i));
  Reopen();
  std::vector<AccountTable::Place> places;
  for (int i = 0; i < 1'000; ++i)
    places.push_back({&Open(), EntityHash({EntityKind::kOrder, "O" + std::to_string(i)})});
  ASSERT_TRUE(table_->PrefetchEntities(places).ok());
  for (uint32_t i = 0; i < 1'000; ++i) ASSERT_THAT(*table_->FindEntity(places[i]), testing::Contains(i));
}

TEST_F(AccountTableTest, LetsGoOfWhatWasNotUsedLately) {
  AddOrder(Open("A1"), "O1");
  Write();
  const HeldAccount* const held = &Open("A1");
  Write();
  EXPECT_EQ(&Open("A1"), held) << "it was used since the last time";
  Open("A2");
  Write();
  const int64_t both = table_->bytes();
  Open("A2");
  Write();
  EXPECT_LT(table_->bytes(), both);
}

TEST_F(AccountTableTest, CountsWhatItKeeps) {
  MemoryBudget budget(0);
  {
    AccountTable table(store_, catalog_, budget);
    const std::string_view id = "A1";
    ASSERT_TRUE(table.Open({&id, 1}).ok());
    EXPECT_FALSE(budget.exceeded()) << "it counts at the end of a batch";
    table.EndBatch();
    EXPECT_TRUE(budget.exceeded());
    table.Trim();
    table.Trim();
    EXPECT_FALSE(budget.exceeded());
    ASSERT_TRUE(table.Open({&id, 1}).ok());
    table.EndBatch();
    EXPECT_TRUE(budget.exceeded());
  }
  EXPECT_FALSE(budget.exceeded());
}

TEST_F(AccountTableTest, DamageIsToldAndNotMended) {
  for (int i = 0; i < 100; ++i) AddOrder(Open(), "O" + std::to_string(i));
  Write();
  StoreBatch damage;
  damage.Put(EntityBucketKey("A1", 0), "short");
  damage.Put(AccountKey("A2"), "abc");
  v1::StoredAccount stored;
  stored.set_entities("abc");
  damage.Put(AccountKey("A3"), stored.SerializeAsString());
  ASSERT_TRUE(store_.Write(damage).ok());
  table_.emplace(store_, catalog_, budget_);
  EXPECT_TRUE(absl::IsDataLoss(table_->FindEntity({&Open(), 7}).status()));
  for (const std::string_view id : {"A2", "A3"}) EXPECT_TRUE(absl::IsDataLoss(table_->Open({&id, 1}).status())) << id;
}

}  // namespace
}  // namespace keyfold
