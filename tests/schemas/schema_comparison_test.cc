#include "schemas/schema_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "keyfold/v1/account_event.pb.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The contract as its own file has it.
std::string Contract() {
  std::string text = v1::AccountEvent::descriptor()->file()->DebugString();
  return text;
}

// What differs in the contract with one text replaced by another: "fatal: ..." or "...".
std::vector<std::string> DifferencesAfter(const std::string& before, const std::string& after) {
  const std::string contract = Contract();
  EXPECT_NE(contract.find(before), std::string::npos) << before;
  const auto found = CompareSchema({absl::StrReplaceAll(contract, {{before, after}})}, *v1::AccountEvent::descriptor());
  EXPECT_TRUE(found.ok()) << found.status();
  std::vector<std::string> told;
  if (!found.ok()) return told;
  for (const SchemaDifference& one : *found) told.push_back(absl::StrCat(one.fatal ? "fatal: " : "", one.what));
  return told;
}

TEST(SchemaComparisonTest, TheContractIsItself) {
  const auto found = CompareSchema({Contract()}, *v1::AccountEvent::descriptor());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, IsEmpty());
}

TEST(SchemaComparisonTest, ATypeThatIsWrittenOtherwiseIsFatal) {
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "optional double minor = 2;"),
              ElementsAre("fatal: Money.minor is double, here int64"));
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "optional sint64 minor = 2;"),
              ElementsAre("fatal: Money.minor is sint64, here int64"));
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "repeated int64 minor = 2;"),
              ElementsAre("fatal: Money.minor is repeated, here it is not"));
}

TEST(SchemaComparisonTest, IntegersOfAnotherWidthAreWrittenAlike) {
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "optional int32 minor = 2;"), IsEmpty());
}

TEST(SchemaComparisonTest, ANumberWithAnotherNameIsFatal) {
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "optional int64 major = 2;"),
              ElementsAre("fatal: Money.major has the number 2, which is minor here"));
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "optional int64 minor = 7;"),
              ElementsAre("fatal: Money.minor has the number 7, here 2"));
  EXPECT_THAT(DifferencesAfter("CROSS_SELL = 2;", "UPGRADE = 2;"),
              ElementsAre("fatal: SaleType UPGRADE has the number 2, which is CROSS_SELL here"));
}

TEST(SchemaComparisonTest, WhatIsNotKnownHereIsTold) {
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", "optional int64 minor = 2; string note = 90;"),
              ElementsAre("Money.note is not known here: it is left out"));
  EXPECT_THAT(DifferencesAfter("CROSS_SELL = 2;", "CROSS_SELL = 2; LEASE = 90;"),
              ElementsAre("SaleType LEASE is not known here: events with it are rejected"));
}

TEST(SchemaComparisonTest, WhatTheOtherOneDoesNotHaveIsNoDifference) {
  EXPECT_THAT(DifferencesAfter("optional int64 minor = 2;", ""), IsEmpty());
}

TEST(SchemaComparisonTest, ImportsAreFound) {
  const std::string shared = "syntax = 'proto3'; package keyfold.v1; message Money { bool minor = 2; }";
  ProtoSource source{
      "syntax = 'proto3'; package keyfold.v1; import 'money.proto'; message AccountEvent { Money m = 90; }",
      {{"money.proto", shared}}};
  const auto found = CompareSchema(source, *v1::AccountEvent::descriptor());
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ(found->front().what, "AccountEvent.m is not known here: it is left out");

  source.imports.clear();
  EXPECT_THAT(CompareSchema(source, *v1::AccountEvent::descriptor()).status().message(),
              HasSubstr("it imports money.proto, which is not there"));
}

TEST(SchemaComparisonTest, SaysWhatIsNoSchema) {
  const auto reason = [](const std::string& text) {
    return std::string(CompareSchema({text}, *v1::AccountEvent::descriptor()).status().message());
  };
  EXPECT_THAT(reason("syntax = 'proto3';\nmessage {"), HasSubstr("it is no .proto file: line 2, column 9"));
  EXPECT_THAT(reason("syntax = 'proto3'; message A { Nothing b = 1; }"), HasSubstr("it is no .proto file: "));
  EXPECT_THAT(reason("syntax = 'proto3'; message Order {}"), HasSubstr("it has no message keyfold.v1.AccountEvent"));
  EXPECT_THAT(reason("syntax = 'proto3'; import 'schema';"), HasSubstr("schema imports itself"));
}

TEST(SchemaComparisonTest, FramesNameAMessageByItsPlace) {
  const std::string text = "syntax = 'proto3'; package keyfold.v1; message Other {} message KpiUpdate {}";
  const auto found = CompareSchema({text}, *v1::KpiUpdate::descriptor(), /*by_index=*/true);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1);
  EXPECT_TRUE(found->front().fatal);
  EXPECT_EQ(found->front().what, "KpiUpdate is not its message 4");
  EXPECT_THAT(*CompareSchema({text}, *v1::KpiUpdate::descriptor()), IsEmpty());
}

}  // namespace
}  // namespace keyfold
