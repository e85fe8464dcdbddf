// Exact decimal numbers: what files write, before amounts become minor units.
#ifndef KEYFOLD_EXPRESSION_DECIMAL_H_
#define KEYFOLD_EXPRESSION_DECIMAL_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

// A number with up to 18 decimals, |value| <= 10^18. Nothing is ever rounded but by Divide() and Round().
class Decimal {
 public:
  static constexpr int kScaleMax = 18;
  static constexpr int kQuotientScale = 12;

  constexpr Decimal() = default;
  constexpr explicit Decimal(int64_t integer) : units_(integer) {}

  // "-12.50" (a point, no other signs); nullopt: something else, or outside what a Decimal can be.
  static std::optional<Decimal> Parse(std::string_view text);

  // nullopt: the result is outside what a Decimal can be.
  static std::optional<Decimal> Add(const Decimal& a, const Decimal& b);
  static std::optional<Decimal> Multiply(const Decimal& a, const Decimal& b);

  // To twelve decimals, rounded half away from zero; nullopt also where b is 0.
  static std::optional<Decimal> Divide(const Decimal& a, const Decimal& b);

  Decimal Negated() const { return Decimal(-units_, scale_); }

  // Rounded half away from zero to so many decimals (0-18).
  Decimal Round(int decimals) const;

  // Whether there is nothing beyond so many decimals.
  bool Fits(int decimals) const { return Round(decimals) == *this; }

  // In units of 10^-decimals, rounded half away from zero; nullopt: outside int64.
  std::optional<int64_t> ToUnits(int decimals) const;

  // Times 10^power, -18..18; nullopt: outside what a Decimal can be.
  std::optional<Decimal> Shifted(int power) const;

  bool is_zero() const { return units_ == 0; }
  bool is_negative() const { return units_ < 0; }

  // Without zeros at the end of the decimals: "1234.5".
  std::string ToString() const;

  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

  // 16 bytes that compare as the numbers do.
  std::string SortKey() const;

 private:
  __extension__ using Units = __int128;

  constexpr Decimal(Units units, int scale) : units_(units), scale_(scale) {}

  // With as few decimals as it needs; nullopt: out of range.
  static std::optional<Decimal> Checked(Units units, int scale);

  // In units of 10^-18, which always fits.
  Units Aligned() const;

  Units units_ = 0;  // value = units_ / 10^scale_
  int scale_ = 0;
};

// How a file writes its numbers.
struct NumberFormat {
  char decimal_mark = '.';
  std::string thousands_mark;  // in UTF-8; empty: there is none

  // From an example: "1234.56", "1,234.56", "1.234,56", "1 234,56", "1'234.56"; nullopt: not that number.
  static std::optional<NumberFormat> FromExample(std::string_view example);
};

// A number as it stands in a file: spaces around it, a sign before or after it or brackets for minus, thousands in
// threes, an exponent. nullopt: anything else; nothing is guessed.
std::optional<Decimal> ParseNumber(std::string_view text, const NumberFormat& format);

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_DECIMAL_H_
