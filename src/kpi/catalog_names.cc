#include "kpi/catalog_names.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kpi/window.h"

namespace keyfold {
namespace {

absl::Status Unknown(const char* what, std::string_view name) {
  return absl::NotFoundError(absl::StrCat("the catalogue has no ", what, " '", std::string(name), "'"));
}

absl::StatusOr<Window> WindowOf(const Catalog& catalog, std::string_view text) {
  const auto named = catalog.windows().find(std::string(text));
  const std::optional<Window> window = ParseWindow(named == catalog.windows().end() ? text : named->second);
  if (!window.has_value()) return Unknown("window", text);
  return *window;
}

absl::StatusOr<uint16_t> SlotOf(const Catalog& catalog, Measure measure, const Window& window) {
  for (uint16_t slot : catalog.SlotsOf(measure)) {
    if (catalog.base_components()[slot].window == window) return slot;
  }
  return Unknown("component of", MeasureName(measure));
}

}  // namespace

absl::StatusOr<uint16_t> CatalogNames::BaseSlot(std::string_view measure_name, std::string_view window_text) {
  const std::optional<Measure> measure = FindMeasure(measure_name);
  if (!measure.has_value()) return Unknown("measure", measure_name);
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, WindowOf(catalog_, window_text));
  return SlotOf(catalog_, *measure, window);
}

absl::StatusOr<uint16_t> CatalogNames::HistogramSlot(std::string_view measure_name, std::string_view window_text) {
  KEYFOLD_ASSIGN_OR_RETURN(const Window window, WindowOf(catalog_, window_text));
  const std::vector<HistogramComponent>& histograms = catalog_.histogram_components();
  for (size_t slot = 0; slot < histograms.size(); ++slot) {
    if (MeasureName(histograms[slot].measure) == measure_name && histograms[slot].window == window) {
      return static_cast<uint16_t>(slot);
    }
  }
  return Unknown("histogram", measure_name);
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
  if (!index.has_value()) return Unknown("definition", id);
  return *index;
}

absl::StatusOr<double> CatalogNames::Parameter(std::string_view name) {
  const auto known = catalog_.parameters().find(std::string(name));
  if (known == catalog_.parameters().end()) return Unknown("parameter", name);
  return known->second;
}

}  // namespace keyfold
