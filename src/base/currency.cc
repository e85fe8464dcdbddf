#include "base/currency.h"

#include <array>

namespace keyfold {
namespace {

struct CurrencyEntry {
  char code[4];
  int8_t digits;
};

// ISO 4217: the active codes and the digits of their minor unit, sorted by code.
constexpr CurrencyEntry kCurrencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2}, {"AZN", 2},
    {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2}, {"BOB", 2},
    {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2},
    {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2}, {"CRC", 2},
    {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2},
    {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2},
    {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HRK", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2},
    {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2},
    {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2},
    {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2},
    {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MXV", 2},
    {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3},
    {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2},
    {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2},
    {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2},
    {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2},
    {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAD", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};

// Five bits a letter, A = 1.
constexpr uint16_t Pack(char first, char second, char third) {
  return static_cast<uint16_t>((first - 'A' + 1) << 10 | (second - 'A' + 1) << 5 | (third - 'A' + 1));
}

constexpr int8_t kUnknown = -1;

// The digits by packed code; kUnknown where it is not in the list. Every amount of every event asks.
constexpr auto kDigits = [] {
  std::array<int8_t, 1 << 15> digits{};
  digits.fill(kUnknown);
  for (const CurrencyEntry& entry : kCurrencies) {
    digits[Pack(entry.code[0], entry.code[1], entry.code[2])] = entry.digits;
  }
  return digits;
}();

constexpr bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

std::optional<Currency> Currency::Parse(std::string_view code) {
  if (code.size() != 3 || !IsCapital(code[0]) || !IsCapital(code[1]) || !IsCapital(code[2])) return std::nullopt;
  const uint16_t packed = Pack(code[0], code[1], code[2]);
  if (kDigits[packed] == kUnknown) return std::nullopt;
  return Currency(packed);
}

std::optional<Currency> Currency::FromStored(uint16_t packed) {
  if (packed != 0 && (packed >= kDigits.size() || kDigits[packed] == kUnknown)) return std::nullopt;
  return Currency(packed);
}

std::string Currency::code() const {
  if (packed_ == 0) return "";
  std::string code(3, ' ');
  for (int i = 0; i < 3; ++i) code[2 - i] = static_cast<char>('A' + ((packed_ >> (5 * i)) & 31) - 1);
  return code;
}

int Currency::digits() const { return packed_ == 0 ? 0 : kDigits[packed_]; }

}  // namespace keyfold
