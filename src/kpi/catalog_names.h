// The names of a catalogue, for formulas that are compiled beside it.
#ifndef KEYFOLD_KPI_CATALOG_NAMES_H_
#define KEYFOLD_KPI_CATALOG_NAMES_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "kpi/catalog.h"
#include "kpi/formula.h"

namespace keyfold {

// Resolves what the catalogue's own formulas read: nothing is added to it, so a component that none of them reads is
// NotFound. The catalogue outlives this. Not thread-safe.
class CatalogNames : public FormulaNames {
 public:
  explicit CatalogNames(const Catalog& catalog) : catalog_(catalog) {}

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
