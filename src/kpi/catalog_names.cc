#include "kpi/catalog_names.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

absl::Status Unread(std::string_view measure) {
  return absl::NotFoundError(absl::StrCat("no formula reads this window of ", std::string(measure)));
}

}  // namespace

absl::StatusOr<Window> CatalogNames::FindWindow(std::string_view text) const {
  const auto named = catalog_.windows().find(std::string(text));
  const std::optional<Window> window = ParseWindow(named == catalog_.windows().end() ? text : named->second);
  if (!window.has_value()) return absl::NotFoundError(UnknownName("window", text, NamesIn(catalog_.windows())));
  return *window;
}

absl::StatusOr<Measure> CatalogNames::FindMeasureNamed(std::string_view name) const {
  if (const std::optional<Measure> measure = FindMeasure(name)) return *measure;
#define KEYFOLD_MEASURE_TEXT(name, number, text, kind, unit) text,
  return absl::NotFoundError(UnknownName("measure", name, {KEYFOLD_MEASURES(KEYFOLD_MEASURE_TEXT)}));
#undef KEYFOLD_MEASURE_TEXT
}

std::optional<uint16_t> CatalogNames::FindSlot(Measure measure, const Window& window) const {
  for (uint16_t slot : catalog_.SlotsOf(measure)) {
    if (catalog_.base_components()[slot].window == window) return slot;
  }
  return std::nullopt;
}

std::optional<uint16_t> CatalogNames::FindHistogramSlot(Measure measure, const Window& window) const {
  const std::vector<HistogramComponent>& histograms = catalog_.histogram_components();
  for (size_t slot = 0; slot < histograms.size(); ++slot) {
    if (histograms[slot].measure == measure && histograms[slot].window == window) return static_cast<uint16_t>(slot);
  }
  return std::nullopt;
}

std::optional<ForecastSlots> CatalogNames::FindForecastSlots() const {
  const Window last_month{Window::Kind::kClosedMonth, 0, 1};  // the first of twelve, which no text names
  const std::optional<uint16_t> forecast = FindSlot(Measure::kForecast, last_month);
  const std::optional<uint16_t> forecast_months = FindSlot(Measure::kForecastMonths, last_month);
  const std::optional<uint16_t> revenue = FindSlot(Measure::kRevenue, last_month);
  if (!forecast.has_value() || !forecast_months.has_value() || !revenue.has_value()) return std::nullopt;
  return ForecastSlots{*forecast, *forecast_months, *revenue};
}

absl::StatusOr<uint16_t> CatalogNames::BaseSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
  const std::optional<uint16_t> slot = FindSlot(measure, window);
  if (!slot.has_value()) return Unread(measure_name);
  return *slot;
}

absl::StatusOr<uint16_t> CatalogNames::HistogramSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
  const std::optional<uint16_t> slot = FindHistogramSlot(measure, window);
  if (!slot.has_value()) return Unread(measure_name);
  return *slot;
}

absl::StatusOr<ForecastSlots> CatalogNames::ForecastComponents() {
  const std::optional<ForecastSlots> slots = FindForecastSlots();
  if (!slots.has_value()) return Unread(MeasureName(Measure::kForecast));
  return *slots;
}

absl::StatusOr<uint16_t> CatalogNames::DefinitionIndex(std::string_view id) {
  const std::optional<uint16_t> index = catalog_.FindDefinition(id);
  if (index.has_value()) return *index;
  std::vector<std::string_view> known;
  for (const Definition& definition : catalog_.definitions()) known.push_back(definition.id);
  std::sort(known.begin(), known.end());
  return absl::NotFoundError(UnknownName("name", id, known));
}

absl::StatusOr<double> CatalogNames::Parameter(std::string_view name) {
  const auto known = catalog_.parameters().find(std::string(name));
  if (known == catalog_.parameters().end())
    return absl::NotFoundError(UnknownName("parameter", name, NamesIn(catalog_.parameters())));
  return known->second;
}

}  // namespace keyfold
