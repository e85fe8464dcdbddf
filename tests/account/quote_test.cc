#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Quote(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kQuote, events);
}

std::string Until(std::string_view date) { return absl::StrCat(" valid_until: '", std::string(date), "' "); }

v1::AccountEvent Issued(std::string_view when, int64_t amount, std::string_view valid_until) {
  return At(when, absl::StrCat("quote_issued { quote_id: 'Q'", Money("amount", amount), Until(valid_until), "}"));
}
v1::AccountEvent Revised(std::string_view when, const std::string& fields) {
  return At(when, absl::StrCat("quote_revised { quote_id: 'Q' ", fields, "}"));
}
v1::AccountEvent Accepted(std::string_view when) { return At(when, "quote_accepted { quote_id: 'Q' }"); }
v1::AccountEvent Rejected(std::string_view when) { return At(when, "quote_rejected { quote_id: 'Q' }"); }

TEST(QuoteTest, ExpiresTheDayAfterItsValidity) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-02-10")}),
              ElementsAre("quotes_open +1 @ 2025-01-10", "quotes_open -1 @ 2025-02-11",
                          "quotes_open_amount EUR +100 @ 2025-01-10", "quotes_open_amount EUR -100 @ 2025-02-11",
                          "quotes_expired +1 @ 2025-02-11"));
}

TEST(QuoteTest, ExpiredBeforeItWasIssuedExpiresOnThatDay) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-01-05")}), ElementsAre("quotes_expired +1 @ 2025-01-10"));
}

TEST(QuoteTest, AcceptedIsOpenUntilThen) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-02-10"), Accepted("2025-01-20"), Rejected("2025-01-21")}),
              ElementsAre("quotes_open +1 @ 2025-01-10", "quotes_open -1 @ 2025-01-20",
                          "quotes_open_amount EUR +100 @ 2025-01-10", "quotes_open_amount EUR -100 @ 2025-01-20",
                          "quotes_accepted +1 @ 2025-01-20", "quotes_accepted_amount EUR +100 @ 2025-01-20"));
}

TEST(QuoteTest, LateAcceptanceCountsAndTheQuoteStayedOpen) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-02-10"), Accepted("2025-03-20")}),
              ElementsAre("quotes_open +1 @ 2025-01-10", "quotes_open -1 @ 2025-03-20",
                          "quotes_open_amount EUR +100 @ 2025-01-10", "quotes_open_amount EUR -100 @ 2025-03-20",
                          "quotes_accepted +1 @ 2025-03-20", "quotes_accepted_amount EUR +100 @ 2025-03-20"));
}

TEST(QuoteTest, RejectedUpToItsLastDay) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-02-10"), Rejected("2025-02-10")}),
              ElementsAre("quotes_open +1 @ 2025-01-10", "quotes_open -1 @ 2025-02-10",
                          "quotes_open_amount EUR +100 @ 2025-01-10", "quotes_open_amount EUR -100 @ 2025-02-10",
                          "quotes_rejected +1 @ 2025-02-10"));
}

TEST(QuoteTest, LateRejectionIsAsIfNotSent) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-02-10"), Rejected("2025-02-11")}),
              ElementsAre("quotes_open +1 @ 2025-01-10", "quotes_open -1 @ 2025-02-11",
                          "quotes_open_amount EUR +100 @ 2025-01-10", "quotes_open_amount EUR -100 @ 2025-02-11",
                          "quotes_expired +1 @ 2025-02-11"));
}

TEST(QuoteTest, WhatFollowsALateRejectionCounts) {
  const auto contributed =
      Quote({Issued("2025-01-10", 100, "2025-02-10"), Rejected("2025-02-11"),
             Revised("2025-02-12", Money("amount", 80) + Until("2025-03-10")), Accepted("2025-02-20")});
  EXPECT_THAT(Of("quotes_accepted_amount", contributed), ElementsAre("EUR +80 @ 2025-02-20"));
  EXPECT_THAT(Of("quotes_rejected", contributed), IsEmpty());
}

TEST(QuoteTest, TheValidityKnownWhenRejectedDecides) {
  // Shortened before: too late. Extended only afterwards: too late as well.
  EXPECT_THAT(Of("quotes_rejected", Quote({Issued("2025-01-10", 100, "2025-02-10"),
                                           Revised("2025-01-11", Until("2025-01-15")), Rejected("2025-01-20")})),
              IsEmpty());
  EXPECT_THAT(Of("quotes_rejected", Quote({Issued("2025-01-10", 100, "2025-02-10"), Rejected("2025-02-20"),
                                           Revised("2025-02-21", Until("2025-05-01"))})),
              IsEmpty());
  EXPECT_THAT(Of("quotes_rejected", Quote({Issued("2025-01-10", 100, "2025-02-10"),
                                           Revised("2025-02-15", Until("2025-05-01")), Rejected("2025-02-20")})),
              ElementsAre("+1 @ 2025-02-20"));
}

TEST(QuoteTest, RevisionsHoldFromTheIssueOn) {
  EXPECT_THAT(Quote({Issued("2025-01-10", 100, "2025-02-10"), Revised("2025-01-20", Money("amount", 70, "USD")),
                     Revised("2025-01-21", Until("2025-02-20"))}),
              ElementsAre("quotes_open +1 @ 2025-01-10", "quotes_open -1 @ 2025-02-21",
                          "quotes_open_amount USD +70 @ 2025-01-10", "quotes_open_amount USD -70 @ 2025-02-21",
                          "quotes_expired +1 @ 2025-02-21"));
}

TEST(QuoteTest, RevisionAfterTheDecisionIsIgnored) {
  EXPECT_THAT(Of("quotes_accepted_amount", Quote({Issued("2025-01-10", 100, "2025-02-10"), Accepted("2025-01-20"),
                                                  Revised("2025-01-21", Money("amount", 70))})),
              ElementsAre("EUR +100 @ 2025-01-20"));
}

TEST(QuoteTest, IssuedAgainKeepsTheFirstDay) {
  EXPECT_THAT(Of("quotes_open_amount",
                 Quote({Issued("2025-01-10", 100, "2025-02-10"), Issued("2025-01-20", 60, "2025-01-31")})),
              ElementsAre("EUR +60 @ 2025-01-10", "EUR -60 @ 2025-02-01"));
}

TEST(QuoteTest, NothingWithoutAnIssueAndNothingBeforeIt) {
  EXPECT_THAT(Quote({Revised("2025-01-01", Money("amount", 70)), Accepted("2025-01-02")}), IsEmpty());
  EXPECT_THAT(Of("quotes_expired", Quote({Accepted("2025-01-02"), Issued("2025-01-10", 100, "2025-02-10")})),
              ElementsAre("+1 @ 2025-02-11"));
}

}  // namespace
}  // namespace keyfold
