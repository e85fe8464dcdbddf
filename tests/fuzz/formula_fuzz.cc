// Whatever the text is, it is refused or a formula, whose value is a number or undefined, never infinite. All names are
// known, so that nothing is refused for them; of the inputs some are undefined, some huge.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "formula/formula.h"
#include "fuzz/fuzz_target.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

constexpr uint16_t kSlots = 64;
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

uint16_t SlotOf(std::string_view a, std::string_view b) { return static_cast<uint16_t>((a.size() + b.size()) % 8); }

class AllNames final : public FormulaNames {
 public:
  absl::StatusOr<uint16_t> BaseSlot(std::string_view measure, std::string_view window) override {
    return SlotOf(measure, window);
  }
  absl::StatusOr<uint16_t> HistogramSlot(std::string_view measure, std::string_view window) override {
    return static_cast<uint16_t>(SlotOf(measure, window) % 2);
  }
  absl::StatusOr<ForecastSlots> ForecastComponents() override { return ForecastSlots{8, 8 + 12, 8 + 24}; }
  absl::StatusOr<uint16_t> DefinitionIndex(std::string_view id) override { return SlotOf(id, ""); }
  absl::StatusOr<double> Parameter(std::string_view name) override { return static_cast<double>(name.size()); }
};

struct Inputs {
  Inputs() : base(kSlots), incomplete(kSlots), histograms(2), values(kSlots) {
    const double numbers[] = {0, 1, -1, 0.5, 1e18, -1e300, 1e-300, kUndefined};
    for (size_t slot = 0; slot < kSlots; ++slot) {
      base[slot] = numbers[slot % 8];
      values[slot] = numbers[(slot + slot / 8) % 8];
      incomplete[slot] = slot % 3 == 0;
    }
    histograms[0] = {{-3, 2}, {0, 1}, {900, 7}};
    view.base = base;
    view.incomplete = incomplete;
    view.histograms = histograms;
    view.values = values;
    view.day = 20'000;
    view.end_of_day = 1.75e9;
    view.money_unit = 100;
  }

  std::vector<double> base;
  std::vector<uint8_t> incomplete;
  std::vector<Histogram> histograms;
  std::vector<double> values;
  FormulaInputs view;
};

}  // namespace

std::vector<std::string> FuzzSeeds() {
  const Catalog catalog = DefaultCatalog();
  std::vector<std::string> seeds;
  for (uint16_t index = 0; index < catalog.definitions().size(); ++index) {
    const DefinitionText& text = catalog.TextOf(index);
    seeds.push_back(text.formula);
    if (!text.group_formula.empty()) seeds.push_back(text.group_formula);
  }
  return seeds;
}

void TryBytes(std::string_view bytes) {
  static const Inputs inputs;
  AllNames names;
  const absl::StatusOr<Formula> formula = Formula::Compile(bytes, names);
  if (formula.ok() ? std::isinf(formula->Evaluate(inputs.view)) : formula.status().message().empty()) std::abort();
}

}  // namespace keyfold
