#include "account/contribution.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/wrapping.h"

namespace keyfold {
namespace {

constexpr double kRelativeError = 0.01;
constexpr double kGamma = (1 + kRelativeError) / (1 - kRelativeError);

}  // namespace

void Contributions::Add(Measure measure, Currency currency, Day day, int64_t amount) {
  if (amount != 0) items_.push_back({{measure, 0, currency, day}, amount});
}

void Contributions::AddToHistogram(int16_t bin, Day day, int64_t amount) {
  if (amount != 0) items_.push_back({{Measure::kResolutionHistogram, bin, Currency(), day}, amount});
}

void Contributions::AddInterval(Measure measure, Currency currency, Day from, std::optional<Day> to, int64_t amount) {
  if (to.has_value() && *to <= from) return;
  Add(measure, currency, from, amount);
  if (to.has_value()) Add(measure, currency, *to, WrappingNegate(amount));
}

void Contributions::Negate(size_t from) {
  for (size_t i = from; i < items_.size(); ++i) items_[i].amount = WrappingNegate(items_[i].amount);
}

std::vector<Contribution> Summed(std::vector<Contribution> items) {
  std::sort(items.begin(), items.end(), [](const Contribution& a, const Contribution& b) { return a.cell < b.cell; });
  auto last = items.begin();
  for (auto next = items.begin(); next != items.end();) {
    Contribution sum = *next++;
    for (; next != items.end() && next->cell == sum.cell; ++next) sum.amount = WrappingAdd(sum.amount, next->amount);
    if (sum.amount != 0) *last++ = sum;
  }
  items.erase(last, items.end());
  return items;
}

int16_t ResolutionBin(int64_t seconds) {
  const double value = static_cast<double>(std::max<int64_t>(seconds, 1));
  return static_cast<int16_t>(std::ceil(std::log(value) / std::log(kGamma)));
}

double ResolutionBinSeconds(int16_t bin) { return 2 * std::pow(kGamma, bin) / (kGamma + 1); }

}  // namespace keyfold
