// Formulas for a catalogue in the making, with the components that they read.
#ifndef KEYFOLD_KPI_FORMULA_ADDER_H_
#define KEYFOLD_KPI_FORMULA_ADDER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "formula/formula.h"
#include "kpi/catalog.h"
#include "kpi/catalog_names.h"

namespace keyfold {

// Adds the components that a formula reads where the catalogue has none like them. The catalogue outlives this. Not
// thread-safe.
class FormulaAdder : private CatalogNames {
 public:
  explicit FormulaAdder(Catalog& catalog) : CatalogNames(catalog), catalog_(catalog) {}

  // Errors are those of Formula::Compile(); there may be too many components, too.
  absl::StatusOr<Formula> Compile(std::string_view text) { return Formula::Compile(text, *this); }

  // The slot of a component that the catalogue keeps, whether or not a formula reads it.
  absl::StatusOr<uint16_t> Keep(Measure measure, const Window& window);

  // Marks the base components that a KPI depends on. Once the catalogue's formulas and their order are there.
  void MarkPublished();

 private:
  absl::StatusOr<uint16_t> BaseSlot(std::string_view measure_name, std::string_view window_text) override;
  absl::StatusOr<uint16_t> HistogramSlot(std::string_view measure_name, std::string_view window_text) override;
  absl::StatusOr<ForecastSlots> ForecastComponents() override;

  absl::StatusOr<uint16_t> AddSlot(Measure measure, const Window& window);
  void MarkForecastPublished();

  Catalog& catalog_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_FORMULA_ADDER_H_
