#include "state/stored_account.h"

#include <gtest/gtest.h>

#include "support/default_catalog.h"

namespace keyfold {
namespace {

class StoredAccountTest : public testing::Test {
 protected:
  StoredAccountTest() {
    state_.components.base[3] = -7;
    state_.components.undefined[2] = 1;
    state_.components.incomplete[1] = 1;
    state_.components.histograms.at(0) = {{-1, 2}, {300, 5}};
    state_.components.missing_rates = {*Currency::Parse("USD")};
    state_.membership.attributes.segment = "S";
    state_.membership.until = 20'001;
  }

  v1::StoredAccount Stored() const { return *ParseStoredAccount("A1", SerializeAccount(&state_, "entities")); }

  const Catalog catalog_ = DefaultCatalog();
  AccountState state_{20'000, 4, 17, ComponentValues(catalog_), {}};
};

TEST_F(StoredAccountTest, ComesBackAsItWas) {
  const auto read = FromStored(catalog_, "A1", Stored());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->day, state_.day);
  EXPECT_EQ(read->live_events, state_.live_events);
  EXPECT_EQ(read->last_offset, state_.last_offset);
  EXPECT_TRUE(read->components == state_.components);
  EXPECT_EQ(read->membership.attributes.segment, "S");
  EXPECT_EQ(read->membership.until, 20'001);
}

TEST_F(StoredAccountTest, OneThatHasEntitiesOnlyHasNoComponents) {
  const auto read = FromStored(catalog_, "A1", *ParseStoredAccount("A1", SerializeAccount(nullptr, "entities")));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->components == ComponentValues(catalog_));
}

// What another version or a damaged disk says is looked at before anything is looked up by it.
TEST_F(StoredAccountTest, WhatDoesNotFitIsRefused) {
  const auto refuses = [this](auto&& change) {
    v1::StoredAccount stored = Stored();
    change(stored);
    const absl::Status status = FromStored(catalog_, "A1", stored).status();
    EXPECT_EQ(status.message(), "account 'A1' is damaged in the shard's store");
    return absl::IsDataLoss(status);
  };
  EXPECT_TRUE(refuses([](v1::StoredAccount& stored) { stored.add_components(1); }));
  EXPECT_TRUE(refuses([](v1::StoredAccount& stored) { stored.add_undefined(60'000); }));
  EXPECT_TRUE(refuses([](v1::StoredAccount& stored) { stored.add_incomplete(60'000); }));
  EXPECT_TRUE(refuses([](v1::StoredAccount& stored) { stored.add_histogram_bins()->set_histogram(60'000); }));
  EXPECT_TRUE(refuses([](v1::StoredAccount& stored) { stored.add_missing_rates(0x7fff); }));
  EXPECT_TRUE(absl::IsDataLoss(ParseStoredAccount("A1", "\xff").status()));
}

}  // namespace
}  // namespace keyfold
