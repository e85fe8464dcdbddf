// ISO 4217 currencies as small values.
#ifndef KEYFOLD_BASE_CURRENCY_H_
#define KEYFOLD_BASE_CURRENCY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

// A currency, or none (for counts and durations). The packed form is the code itself, five bits a letter, so it can be
// stored: it does not depend on the list of currencies that a version knows.
class Currency {
 public:
  constexpr Currency() = default;  // none

  // "EUR" -> Currency; nullopt for anything that is not an active ISO 4217 code in capitals.
  static std::optional<Currency> Parse(std::string_view code);

  // nullopt: a code that this version does not know, or no code at all.
  static std::optional<Currency> FromStored(uint16_t packed);
  constexpr uint16_t packed() const { return packed_; }

  constexpr bool is_none() const { return packed_ == 0; }

  // The code in capitals; empty for none.
  std::string code() const;

  // Decimal digits of the minor unit (EUR 2, JPY 0); 0 for none.
  int digits() const;

  friend constexpr bool operator==(Currency, Currency) = default;
  friend constexpr auto operator<=>(Currency, Currency) = default;

 private:
  explicit constexpr Currency(uint16_t packed) : packed_(packed) {}

  uint16_t packed_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_BASE_CURRENCY_H_
