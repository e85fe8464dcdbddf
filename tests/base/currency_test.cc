#include "base/currency.h"

#include <gtest/gtest.h>

namespace keyfold {
namespace {

TEST(CurrencyTest, MinorUnitsHaveTheDigitsOfIso4217) {
  EXPECT_EQ(Currency::Parse("EUR")->digits(), 2);
  EXPECT_EQ(Currency::Parse("JPY")->digits(), 0);
  EXPECT_EQ(Currency::Parse("BHD")->digits(), 3);
  EXPECT_EQ(Currency::Parse("CLF")->digits(), 4);
  EXPECT_EQ(Currency().digits(), 0);
}

TEST(CurrencyTest, OnlyActiveCodesInCapitalsAreCurrencies) {
  for (const char* code : {"", "EU", "EURO", "eur", "E R", "AAA", "DEM", "XXX"}) {
    EXPECT_EQ(Currency::Parse(code), std::nullopt) << code;
  }
}

TEST(CurrencyTest, WhatIsStoredComesBack) {
  for (const char* code : {"AED", "EUR", "ZWG"}) {
    const Currency currency = *Currency::Parse(code);
    EXPECT_EQ(Currency::FromStored(currency.packed()), currency);
    EXPECT_EQ(currency.code(), code);
  }
  EXPECT_EQ(Currency::FromStored(0), Currency());
  EXPECT_EQ(Currency::FromStored(1), std::nullopt);
  EXPECT_EQ(Currency::FromStored(0x7fff), std::nullopt);
  EXPECT_EQ(Currency::FromStored(0xffff), std::nullopt);
}

}  // namespace
}  // namespace keyfold
