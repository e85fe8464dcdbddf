#include "mapping/rounding.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "event/limits.h"

namespace keyfold {
namespace {

// The latest of the running totals of this name.
RunningTotal& Running(const std::string& name, const std::vector<const Amounts*>& before, Carry& added) {
  const auto [running, is_new] = added.try_emplace(name);
  for (size_t i = 0; is_new && i < before.size(); ++i) {
    const auto found = before[i]->carry.find(name);
    if (found == before[i]->carry.end()) continue;
    running->second = found->second;
    break;
  }
  return running->second;
}

// What a running total moves by; nullopt: it is too large.
std::optional<int64_t> Move(RunningTotal& running, const Decimal& amount, int digits) {
  const std::optional<Decimal> exact = Decimal::Add(running.exact, amount);
  const std::optional<int64_t> until = exact.has_value() ? exact->ToUnits(digits) : std::nullopt;
  int64_t minor = 0;
  if (!until.has_value() || __builtin_sub_overflow(*until, running.minor, &minor)) return std::nullopt;
  running = {*exact, *until};
  return minor;
}

void Count(const ExactAmount& amount, int64_t minor, AmountTotal& total) {
  AmountTotal one;
  one.amounts = 1;
  one.rounded = amount.exact.Fits(amount.currency.digits()) ? 0 : 1;
  one.exact = amount.exact;
  one.minor = minor;
  total.Add(one);
}

}  // namespace

void AmountTotal::Add(const AmountTotal& other) {
  amounts += other.amounts;
  rounded += other.rounded;
  const std::optional<Decimal> sum = Decimal::Add(exact, other.exact);
  overflow |= other.overflow || !sum.has_value() || __builtin_add_overflow(minor, other.minor, &minor);
  if (sum.has_value()) exact = *sum;
}

void Amounts::Add(const Amounts& later) {
  for (const auto& [field, by_currency] : later.totals) {
    for (const auto& [currency, total] : by_currency) totals[field][currency].Add(total);
  }
  for (const auto& [name, running] : later.carry) carry[name] = running;
}

std::string MajorUnits(int64_t minor, Currency currency) {
  const std::optional<Decimal> whole = Decimal(minor).Shifted(-currency.digits());
  if (!whole.has_value()) return absl::StrCat(minor, " minor units");
  std::string text = whole->ToString();
  const size_t point = text.find('.');
  const size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
  const auto digits = static_cast<size_t>(currency.digits());
  if (decimals < digits) text += (decimals == 0 ? "." : "") + std::string(digits - decimals, '0');
  return text;
}

bool Settle(const std::vector<ExactAmount>& amounts, Rounding rounding, const std::string& account,
            const std::vector<const Amounts*>& before, Amounts& added, MappingProblem& problem) {
  Carry document;
  for (const ExactAmount& amount : amounts) {
    const int digits = amount.currency.digits();
    const std::string code = amount.currency.code();
    std::optional<int64_t> minor;
    if (amount.line == ExactAmount::kNoLine || rounding == Rounding::kLine) {
      minor = amount.exact.ToUnits(digits);
    } else if (rounding == Rounding::kDocument) {
      minor = Move(document[*amount.field + code], amount.exact, digits);
    } else {
      minor = Move(Running(absl::StrCat(account, "\n", *amount.field, "\n", code), before, added.carry), amount.exact,
                   digits);
    }
    if (!minor.has_value() || *minor > kMinorMax || *minor < -kMinorMax) {
      problem = {*amount.field, "is too large", amount.exact.ToString()};
      return false;
    }
    amount.money->set_currency_code(code);
    amount.money->set_minor(*minor);
    Count(amount, *minor, added.totals[*amount.field][code]);
  }
  return true;
}

}  // namespace keyfold
