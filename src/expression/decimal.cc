#include "expression/decimal.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "base/check.h"

namespace keyfold {
namespace {

__extension__ using Wide = __int128;

constexpr std::array<Wide, 37> kPowers = [] {
  std::array<Wide, 37> powers{};
  Wide power = 1;
  for (Wide& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

constexpr Wide kMagnitudeMax = kPowers[18];

// Half away from zero.
Wide DivideRounded(Wide dividend, Wide divisor) {
  const Wide quotient = dividend / divisor;
  const Wide rest = dividend % divisor;
  const Wide magnitude = rest < 0 ? -rest : rest;
  const Wide against = divisor < 0 ? -divisor : divisor;
  if (magnitude < against - magnitude) return quotient;
  return quotient + ((dividend < 0) == (divisor < 0) ? 1 : -1);
}

// Takes what surrounds a number in some files off: spaces, no-break spaces.
std::string_view WithoutSpaces(std::string_view text) {
  constexpr std::string_view kNoBreak[] = {"\xc2\xa0", "\xe2\x80\xaf"};
  bool changed = true;
  while (changed) {
    const size_t size = text.size();
    if (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    if (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    for (const std::string_view space : kNoBreak) {
      if (text.starts_with(space)) text.remove_prefix(space.size());
      if (text.ends_with(space)) text.remove_suffix(space.size());
    }
    changed = text.size() != size;
  }
  return text;
}

// The digits of the integer part, which ends at `end`, without their marks; false: not in threes.
bool TakeThousands(std::string_view text, std::string_view mark, std::string& digits) {
  size_t group = 0;
  bool marked = false;
  while (!text.empty()) {
    if (absl::ascii_isdigit(text[0])) {
      digits.push_back(text[0]);
      text.remove_prefix(1);
      ++group;
      continue;
    }
    if (mark.empty() || !text.starts_with(mark) || group == 0 || group > 3 || (marked && group != 3)) return false;
    text.remove_prefix(mark.size());
    marked = true;
    group = 0;
  }
  return !marked || group == 3;
}

// What stands after the 'e': at most two digits, with or without a sign.
std::optional<int> ParseExponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > 2 || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit))
    return std::nullopt;
  int exponent = 0;
  for (const char c : text) exponent = exponent * 10 + (c - '0');
  return negative ? -exponent : exponent;
}

// Takes a sign off: before or after the number, or brackets.
bool TakeSign(std::string_view& text) {
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    text = WithoutSpaces(text.substr(1, text.size() - 2));
    return true;
  }
  constexpr std::string_view kMinus = "\xe2\x88\x92";
  bool negative = false;
  if (text.starts_with('-') || text.starts_with('+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  } else if (text.starts_with(kMinus)) {
    negative = true;
    text.remove_prefix(kMinus.size());
  } else if (text.ends_with('-')) {
    negative = true;
    text.remove_suffix(1);
  }
  text = WithoutSpaces(text);
  return negative;
}

}  // namespace

std::optional<Decimal> Decimal::Checked(Units units, int scale) {
  while (scale > 0 && units % 10 == 0) {
    units /= 10;
    --scale;
  }
  if (scale > kScaleMax) return std::nullopt;
  const Units bound = kMagnitudeMax * kPowers[static_cast<size_t>(scale)];
  if (units > bound || units < -bound) return std::nullopt;
  return Decimal(units, scale);
}

Decimal::Units Decimal::Aligned() const { return units_ * kPowers[static_cast<size_t>(kScaleMax - scale_)]; }

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  Units units = 0;
  int scale = -1;
  bool digits = false;
  for (const char c : text) {
    if (c == '.' && scale < 0) {
      scale = 0;
      continue;
    }
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    digits = true;
    if (scale >= kScaleMax) {  // zeros beyond are no digits that count
      if (c != '0') return std::nullopt;
      continue;
    }
    if (scale >= 0) ++scale;
    units = units * 10 + (c - '0');
    if (units > kPowers[36]) return std::nullopt;
  }
  if (!digits) return std::nullopt;
  return Checked(negative ? -units : units, std::max(scale, 0));
}

std::optional<Decimal> Decimal::Add(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale_, b.scale_);
  return Checked(a.units_ * kPowers[static_cast<size_t>(scale - a.scale_)] +
                     b.units_ * kPowers[static_cast<size_t>(scale - b.scale_)],
                 scale);
}

std::optional<Decimal> Decimal::Multiply(const Decimal& a, const Decimal& b) {
  Units product = 0;
  if (__builtin_mul_overflow(a.units_, b.units_, &product)) return std::nullopt;
  return Checked(product, a.scale_ + b.scale_);
}

std::optional<Decimal> Decimal::Divide(const Decimal& a, const Decimal& b) {
  if (b.units_ == 0) return std::nullopt;
  const int power = kQuotientScale + b.scale_ - a.scale_;
  Units dividend = a.units_;
  Units divisor = b.units_;
  if (power >= 0 && __builtin_mul_overflow(dividend, kPowers[static_cast<size_t>(power)], &dividend)) {
    return std::nullopt;
  }
  if (power < 0 && __builtin_mul_overflow(divisor, kPowers[static_cast<size_t>(-power)], &divisor)) {
    return std::nullopt;
  }
  return Checked(DivideRounded(dividend, divisor), kQuotientScale);
}

Decimal Decimal::Round(int decimals) const {
  if (scale_ <= decimals) return *this;
  const Units rounded = DivideRounded(units_, kPowers[static_cast<size_t>(scale_ - decimals)]);
  const std::optional<Decimal> result = Checked(rounded, decimals);
  KEYFOLD_CHECK(result.has_value());  // fewer digits than before, and the bound is an integer
  return *result;
}

std::optional<int64_t> Decimal::ToUnits(int decimals) const {
  const Decimal rounded = Round(decimals);
  Units units = rounded.units_;
  if (__builtin_mul_overflow(units, kPowers[static_cast<size_t>(decimals - rounded.scale_)], &units)) {
    return std::nullopt;
  }
  if (units > INT64_MAX || units < INT64_MIN) return std::nullopt;
  return static_cast<int64_t>(units);
}

std::optional<Decimal> Decimal::Shifted(int power) const {
  if (power > kScaleMax || power < -kScaleMax) return std::nullopt;
  if (power <= scale_) return Checked(units_, scale_ - power);
  Units units = units_;
  if (__builtin_mul_overflow(units, kPowers[static_cast<size_t>(power - scale_)], &units)) return std::nullopt;
  return Checked(units, 0);
}

std::string Decimal::ToString() const {
  Units rest = units_ < 0 ? -units_ : units_;
  std::string text;
  for (int at = 0; rest != 0 || at <= scale_; ++at) {
    if (at == scale_ && scale_ > 0) text.push_back('.');
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  if (units_ < 0) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.scale_ == b.scale_) return a.units_ <=> b.units_;
  return a.Aligned() <=> b.Aligned();
}

std::string Decimal::SortKey() const {
  const auto biased = static_cast<unsigned __int128>(Aligned()) + (static_cast<unsigned __int128>(1) << 127);
  std::string key(16, '\0');
  for (size_t i = 0; i < 16; ++i) key[i] = static_cast<char>(static_cast<uint8_t>(biased >> (120 - 8 * i)));
  return key;
}

std::optional<NumberFormat> NumberFormat::FromExample(std::string_view example) {
  if (!example.starts_with('1')) return std::nullopt;
  const size_t hundreds = example.find("234");
  if (hundreds == std::string_view::npos || example.size() != hundreds + 6 || !example.ends_with("56")) {
    return std::nullopt;
  }
  NumberFormat format;
  format.decimal_mark = example[hundreds + 3];
  format.thousands_mark = std::string(example.substr(1, hundreds - 1));
  constexpr std::string_view kMarks[] = {"", ",", ".", " ", "'", "\xe2\x80\x99", "\xc2\xa0", "\xe2\x80\xaf"};
  const bool known = std::find(std::begin(kMarks), std::end(kMarks), format.thousands_mark) != std::end(kMarks);
  const bool decimal = format.decimal_mark == '.' || format.decimal_mark == ',';
  if (!known || !decimal || format.thousands_mark == std::string_view(&format.decimal_mark, 1)) return std::nullopt;
  return format;
}

std::optional<Decimal> ParseNumber(std::string_view text, const NumberFormat& format) {
  text = WithoutSpaces(text);
  const bool negative = TakeSign(text);
  int exponent = 0;
  if (const size_t mark = text.find_first_of("eE"); mark != std::string_view::npos) {
    const std::optional<int> parsed = ParseExponent(text.substr(mark + 1));
    if (!parsed.has_value()) return std::nullopt;
    exponent = *parsed;
    text = text.substr(0, mark);
  }
  const size_t point = text.rfind(format.decimal_mark);
  const std::string_view integer = text.substr(0, std::min(point, text.size()));
  std::string plain;
  plain.reserve(text.size() + 1);
  if (!TakeThousands(integer, format.thousands_mark, plain)) return std::nullopt;
  if (point != std::string_view::npos) {
    const std::string_view decimals = text.substr(point + 1);
    if (!std::all_of(decimals.begin(), decimals.end(), absl::ascii_isdigit)) return std::nullopt;
    plain.push_back('.');
    plain.append(decimals);
  }
  std::optional<Decimal> number = Decimal::Parse(plain);
  if (number.has_value() && exponent != 0) number = number->Shifted(exponent);
  if (number.has_value() && negative) number = number->Negated();
  return number;
}

}  // namespace keyfold
