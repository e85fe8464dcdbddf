#include "kpi/catalog_names.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

absl::Status Unknown(const char* what, std::string_view name, const std::vector<std::string_view>& known) {
  return absl::NotFoundError(absl::StrCat("unknown ", what, " '", std::string(name), "'", DidYouMean(name, known)));
}

absl::StatusOr<uint16_t> SlotOf(const Catalog& catalog, Measure measure, const Window& window) {
  for (uint16_t slot : catalog.SlotsOf(measure)) {
    if (catalog.base_components()[slot].window == window) return slot;
  }
  return absl::NotFoundError(absl::StrCat("no formula reads this window of ", std::string(MeasureName(measure))));
}

}  // namespace

absl::StatusOr<Window> CatalogNames::FindWindow(std::string_view text) const {
  const auto named = catalog_.windows().find(std::string(text));
  const std::optional<Window> window = ParseWindow(named == catalog_.windows().end() ? text : named->second);
  if (!window.has_value()) return Unknown("window", text, NamesIn(catalog_.windows()));
  return *window;
}

absl::StatusOr<Measure> CatalogNames::FindMeasureNamed(std::string_view name) const {
  if (const std::optional<Measure> measure = FindMeasure(name)) return *measure;
#define KEYFOLD_MEASURE_TEXT(name, number, text, kind, unit) text,
  return Unknown("measure", name, {KEYFOLD_MEASURES(KEYFOLD_MEASURE_TEXT)});
#undef KEYFOLD_MEASURE_TEXT
}

absl::StatusOr<uint16_t> CatalogNames::BaseSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
  return SlotOf(catalog_, measure, window);
}

absl::StatusOr<uint16_t> CatalogNames::HistogramSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
  const std::vector<HistogramComponent>& histograms = catalog_.histogram_components();
  for (size_t slot = 0; slot < histograms.size(); ++slot) {
    if (histograms[slot].measure == measure && histograms[slot].window == window) return static_cast<uint16_t>(slot);
  }
  return absl::NotFoundError(absl::StrCat("no formula reads this window of ", std::string(measure_name)));
}

absl::StatusOr<ForecastSlots> CatalogNames::ForecastComponents() {
  const Window last_month{Window::Kind::kClosedMonth, 0, 1};  // the first of twelve
  ForecastSlots slots;
  KEYFOLD_ASSIGN_OR_RETURN(slots.forecast, SlotOf(catalog_, Measure::kForecast, last_month));
  KEYFOLD_ASSIGN_OR_RETURN(slots.forecast_months, SlotOf(catalog_, Measure::kForecastMonths, last_month));
  KEYFOLD_ASSIGN_OR_RETURN(slots.revenue, SlotOf(catalog_, Measure::kRevenue, last_month));
  return slots;
}

absl::StatusOr<uint16_t> CatalogNames::DefinitionIndex(std::string_view id) {
  const std::optional<uint16_t> index = catalog_.FindDefinition(id);
  if (index.has_value()) return *index;
  std::vector<std::string_view> known;
  for (const Definition& definition : catalog_.definitions()) known.push_back(definition.id);
  return Unknown("name", id, known);
}

absl::StatusOr<double> CatalogNames::Parameter(std::string_view name) {
  const auto known = catalog_.parameters().find(std::string(name));
  if (known == catalog_.parameters().end()) return Unknown("parameter", name, NamesIn(catalog_.parameters()));
  return known->second;
}

}  // namespace keyfold
