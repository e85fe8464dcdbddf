#include "state/stored_group.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/default_catalog.h"

namespace keyfold {
namespace {

class StoredGroupTest : public ::testing::Test {
 protected:
  const Catalog catalog_ = DefaultCatalog();
};

TEST_F(StoredGroupTest, ComesBackAsItWas) {
  GroupSums sums(catalog_);
  sums.accounts = 7;
  const __int128 limits[] = {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  sums.amounts[0] = limits[0];
  sums.amounts[1] = limits[1];
  sums.amounts[2] = limits[0] + 1;
  sums.amounts[3] = limits[1] - 1;
  sums.amounts[4] = limits[0] * 1'000'000;
  sums.amounts[5] = limits[1] * 1'000'000;
  sums.amounts.back() = -3;
  sums.undefined = {{2, 3}};
  sums.incomplete = {{1, 4}};
  sums.histograms.at(0) = {{-1, 2}, {300, 5}};
  sums.missing_rates = {{*Currency::Parse("USD"), 2}};
  EXPECT_TRUE(FromStored(catalog_, ToStored(sums)) == sums);
  EXPECT_TRUE(FromStored(catalog_, ToStored(GroupSums(catalog_))) == GroupSums(catalog_));
}

TEST_F(StoredGroupTest, RefusesSumsOfAnotherCatalogue) {
  v1::GroupSums stored = ToStored(GroupSums(catalog_));
  stored.add_amounts(1);
  EXPECT_FALSE(FromStored(catalog_, stored).has_value());
  stored = ToStored(GroupSums(catalog_));
  stored.add_undefined()->set_slot(60'000);
  EXPECT_FALSE(FromStored(catalog_, stored).has_value());
}

}  // namespace
}  // namespace keyfold
