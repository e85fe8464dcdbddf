// The names of a catalogue, for formulas that are compiled beside it.
#ifndef KEYFOLD_KPI_CATALOG_NAMES_H_
#define KEYFOLD_KPI_CATALOG_NAMES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "account/measure.h"
#include "formula/formula.h"
#include "kpi/catalog.h"
#include "kpi/window.h"

namespace keyfold {

// Resolves what the catalogue's own formulas read: nothing is added to it, so a component that none of them reads is
// NotFound, as is a name that there is not, with the nearest one. The catalogue outlives this. Not thread-safe.
class CatalogNames : public FormulaNames {
 public:
  explicit CatalogNames(const Catalog& catalog) : catalog_(catalog) {}

  // A window by its name in the catalogue, or as it is written out; a measure by its name.
  absl::StatusOr<Window> FindWindow(std::string_view text) const;
  absl::StatusOr<Measure> FindMeasureNamed(std::string_view name) const;

  // The slots of what a formula reads already; nullopt: none does.
  std::optional<uint16_t> FindSlot(Measure measure, const Window& window) const;
  std::optional<uint16_t> FindHistogramSlot(Measure measure, const Window& window) const;
  std::optional<ForecastSlots> FindForecastSlots() const;

  absl::StatusOr<uint16_t> BaseSlot(std::string_view measure, std::string_view window) override;
  absl::StatusOr<uint16_t> HistogramSlot(std::string_view measure, std::string_view window) override;
  absl::StatusOr<ForecastSlots> ForecastComponents() override;
  absl::StatusOr<uint16_t> DefinitionIndex(std::string_view id) override;
  absl::StatusOr<double> Parameter(std::string_view name) override;

 private:
  const Catalog& catalog_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_CATALOG_NAMES_H_
