#include "kpi/formula_adder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr size_t kComponentsMax = 2000;

}  // namespace

absl::StatusOr<uint16_t> FormulaAdder::Keep(Measure measure, const Window& window) {
  if (const std::optional<uint16_t> known = FindSlot(measure, window)) return *known;
  return AddSlot(measure, window);
}

absl::StatusOr<uint16_t> FormulaAdder::AddSlot(Measure measure, const Window& window) {
  if (catalog_.base_.size() >= kComponentsMax) return absl::NotFoundError("too many components");
  const auto slot = static_cast<uint16_t>(catalog_.base_.size());
  catalog_.base_.push_back({measure, window});
  catalog_.slots_of_[static_cast<size_t>(measure)].push_back(slot);
  return slot;
}

absl::StatusOr<uint16_t> FormulaAdder::BaseSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
  KEYFOLD_ASSIGN_OR_RETURN(const uint16_t slot, Keep(measure, window));
  std::string& text = catalog_.base_[slot].text;
  if (text.empty()) text = absl::StrCat("sum(", std::string(measure_name), ", ", std::string(window_text), ")");
  return slot;
}

absl::StatusOr<uint16_t> FormulaAdder::HistogramSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
  if (measure != Measure::kResolutionHistogram) {
    return absl::NotFoundError(absl::StrCat("'", std::string(measure_name), "' is not a histogram"));
  }
  if (const std::optional<uint16_t> known = FindHistogramSlot(measure, window)) return *known;
  catalog_.histograms_.push_back({measure, window});
  return static_cast<uint16_t>(catalog_.histograms_.size() - 1);
}

absl::StatusOr<ForecastSlots> FormulaAdder::ForecastComponents() {
  if (const std::optional<ForecastSlots> known = FindForecastSlots()) return *known;
  ForecastSlots slots;
  for (auto [measure, first] :
       {std::pair(Measure::kForecast, &slots.forecast), std::pair(Measure::kForecastMonths, &slots.forecast_months),
        std::pair(Measure::kRevenue, &slots.revenue)}) {
    *first = static_cast<uint16_t>(catalog_.base_.size());
    for (int month = 1; month <= kForecastMonths; ++month) {
      KEYFOLD_RETURN_IF_ERROR(AddSlot(measure, {Window::Kind::kClosedMonth, 0, month}).status());
    }
  }
  return slots;
}

void FormulaAdder::MarkPublished() {
  std::vector<uint8_t> reached(catalog_.definitions_.size(), 0);
  for (uint16_t kpi : catalog_.kpis_) reached[kpi] = 1;
  for (auto index = catalog_.account_order_.rbegin(); index != catalog_.account_order_.rend(); ++index) {
    if (reached[*index] == 0) continue;
    for (const Formula::Instruction& instruction : catalog_.definitions_[*index].formula.code()) {
      if (instruction.op == Formula::Op::kDefinition) reached[instruction.index] = 1;
      if (instruction.op == Formula::Op::kBase || instruction.op == Formula::Op::kComplete) {
        catalog_.base_[instruction.index].published = true;
      }
      if (instruction.op == Formula::Op::kForecast) MarkForecastPublished();
    }
  }
}

void FormulaAdder::MarkForecastPublished() {
  const std::optional<ForecastSlots> slots = FindForecastSlots();
  KEYFOLD_CHECK(slots.has_value());  // a formula reads them
  for (int month = 0; month < kForecastMonths; ++month) {
    catalog_.base_[slots->forecast + month].published = true;
    catalog_.base_[slots->revenue + month].published = true;
  }
}

}  // namespace keyfold
