#include "base/nearest_name.h"

#include <gtest/gtest.h>

namespace keyfold {
namespace {

const std::vector<std::string_view> kKnown = {"currency_code", "minor", "net", "invoice_issued", "invoice_cancelled"};

TEST(NearestNameTest, OneEditOfEachSort) {
  EXPECT_EQ(NearestName("mino", kKnown), "minor");
  EXPECT_EQ(NearestName("minorr", kKnown), "minor");
  EXPECT_EQ(NearestName("minar", kKnown), "minor");
  EXPECT_EQ(NearestName("minro", kKnown), "minor");  // swapped
  EXPECT_EQ(NearestName("nte", kKnown), "net");
}

TEST(NearestNameTest, CaseAndSeparatorsDoNotMatter) {
  EXPECT_EQ(NearestName("CurrencyCode", kKnown), "currency_code");
  EXPECT_EQ(NearestName("currency-code", kKnown), "currency_code");
  EXPECT_EQ(NearestName("invoiceIsued", kKnown), "invoice_issued");
}

TEST(NearestNameTest, TheNearestOfSeveralAndTheFirstOfEquals) {
  EXPECT_EQ(NearestName("invoice_canceled", kKnown), "invoice_cancelled");
  EXPECT_EQ(NearestName("bat", {"cat", "hat"}), "cat");
  EXPECT_EQ(NearestName("hatt", {"cat", "hat"}), "hat");
}

TEST(NearestNameTest, ASwapCountsOnceAndOnlyOfNeighbours) {
  EXPECT_EQ(NearestName("abc", {"acb"}), "acb");  // one edit of three letters is near
  EXPECT_EQ(NearestName("abc", {"cba"}), "");     // two are not
}

TEST(NearestNameTest, NothingIsNear) {
  EXPECT_EQ(NearestName("amount", kKnown), "");
  EXPECT_EQ(NearestName("", kKnown), "");
  EXPECT_EQ(NearestName("id", {"ib"}), "");  // half of it is another
  EXPECT_EQ(NearestName("minor", {}), "");
  EXPECT_EQ(NearestName(std::string(65, 'x'), {std::string_view("x")}), "");
}

TEST(DidYouMeanTest, EndsASentence) {
  EXPECT_EQ(DidYouMean("minro", kKnown), ", did you mean minor?");
  EXPECT_EQ(DidYouMean("amount", kKnown), "");
}

}  // namespace
}  // namespace keyfold
