// Names that events are asked for by.
#include "explain/account_events.h"

#include <gtest/gtest.h>

#include "support/entity_generator.h"

namespace keyfold {
namespace {

TEST(EntityKindOfTest, EveryKindOfAnAccountIsFoundByItsName) {
  for (EntityKind kind : kAllKinds) EXPECT_EQ(EntityKindOf(EntityKindName(kind)), kind) << EntityKindName(kind);
  EXPECT_EQ(EntityKindOf(EntityKindName(EntityKind::kFxRate)), std::nullopt);  // of no account
  EXPECT_EQ(EntityKindOf("invoices"), std::nullopt);
}

}  // namespace
}  // namespace keyfold
