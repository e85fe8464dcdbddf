#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::AccountEvent Issued(std::string_view when, const std::string& lines) {
  return At(when, absl::StrCat("invoice_issued { invoice_id: 'I' ", lines, "}"));
}
v1::AccountEvent InvoiceCancelled(std::string_view when) { return At(when, "invoice_cancelled { invoice_id: 'I' }"); }
v1::AccountEvent CreditNote(std::string_view when, const std::string& lines) {
  return At(when, absl::StrCat("credit_note_issued { credit_note_id: 'C' ", lines, "}"));
}

TEST(InvoiceTest, RevenueAndCostBySaleType) {
  const std::string lines = LineOf("BASE", 1000, 600) + LineOf("CROSS_SELL", 100, 60) + LineOf("UP_SELL", 10, 6) +
                            LineOf("BUNDLE", 1, 5) + LineOf("RENEWAL", 20000, 0);
  EXPECT_THAT(Contributed(EntityKind::kInvoice, {Issued("2025-03-01", lines)}),
              ElementsAre("revenue EUR +21111 @ 2025-03-01", "variable_cost EUR +671 @ 2025-03-01",
                          "revenue_cross_sell EUR +100 @ 2025-03-01", "revenue_up_sell EUR +10 @ 2025-03-01",
                          "revenue_bundle EUR +1 @ 2025-03-01", "revenue_renewal EUR +20000 @ 2025-03-01",
                          "invoices +1 @ 2025-03-01"));
}

TEST(InvoiceTest, CostMayBeAbsentOrInAnotherCurrency) {
  const std::string lines =
      "lines { sale_type: BASE net { currency_code: 'EUR' minor: 5 } } "
      "lines { sale_type: BASE net { currency_code: 'EUR' minor: -2 } "
      "cost { currency_code: 'USD' minor: 3 } }";
  EXPECT_THAT(
      Contributed(EntityKind::kInvoice, {Issued("2025-03-01", lines)}),
      ElementsAre("revenue EUR +3 @ 2025-03-01", "variable_cost USD +3 @ 2025-03-01", "invoices +1 @ 2025-03-01"));
}

TEST(InvoiceTest, CancelledLeavesItsMonth) {
  EXPECT_THAT(
      Contributed(EntityKind::kInvoice, {Issued("2025-03-01", LineOf("BASE", 5, 1)), InvoiceCancelled("2025-06-01"),
                                         Issued("2025-06-02", LineOf("BASE", 5, 1))}),
      IsEmpty());
}

TEST(InvoiceTest, CancellationBeforeTheIssueIsIgnored) {
  EXPECT_THAT(
      Contributed(EntityKind::kInvoice, {InvoiceCancelled("2025-02-01"), Issued("2025-03-01", LineOf("BASE", 5, 0))}),
      ElementsAre("revenue EUR +5 @ 2025-03-01", "invoices +1 @ 2025-03-01"));
}

TEST(InvoiceTest, IssuedAgainTakesTheNewLinesOnTheFirstDay) {
  EXPECT_THAT(Contributed(EntityKind::kInvoice,
                          {Issued("2025-03-01", LineOf("BASE", 5, 1)), Issued("2025-04-01", LineOf("UP_SELL", 7, 2))}),
              ElementsAre("revenue EUR +7 @ 2025-03-01", "variable_cost EUR +2 @ 2025-03-01",
                          "revenue_up_sell EUR +7 @ 2025-03-01", "invoices +1 @ 2025-03-01"));
}

TEST(CreditNoteTest, NegatesOnItsOwnDayAndIsNoInvoice) {
  EXPECT_THAT(Contributed(EntityKind::kCreditNote, {CreditNote("2025-03-01", LineOf("BUNDLE", 100, 60))}),
              ElementsAre("revenue EUR -100 @ 2025-03-01", "variable_cost EUR -60 @ 2025-03-01",
                          "revenue_bundle EUR -100 @ 2025-03-01", "credit_notes +1 @ 2025-03-01"));
}

TEST(CreditNoteTest, IssuedAgainTakesTheNewLinesOnTheFirstDay) {
  EXPECT_THAT(Contributed(EntityKind::kCreditNote, {CreditNote("2025-03-01", LineOf("BASE", 100, 60)),
                                                    CreditNote("2025-04-01", LineOf("BASE", 30, 0))}),
              ElementsAre("revenue EUR -30 @ 2025-03-01", "credit_notes +1 @ 2025-03-01"));
}

}  // namespace
}  // namespace keyfold
