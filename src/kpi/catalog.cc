#include "kpi/catalog.h"

namespace keyfold {

std::optional<uint16_t> Catalog::FindDefinition(std::string_view id) const {
  for (size_t index = 0; index < definitions_.size(); ++index) {
    if (definitions_[index].id == id) return static_cast<uint16_t>(index);
  }
  return std::nullopt;
}

std::optional<uint16_t> Catalog::FindKpi(std::string_view id) const {
  for (uint16_t index : kpis_) {
    if (definitions_[index].id == id) return index;
  }
  for (uint16_t index : kpis_) {
    const Definition& kpi = definitions_[index];
    if (kpi.rollup != Definition::Rollup::kNone && kpi.group_id == id) return index;
  }
  return std::nullopt;
}

std::optional<uint16_t> Catalog::FindTotal(Measure measure) const {
  for (uint16_t slot : SlotsOf(measure)) {
    if (base_[slot].window.kind == Window::Kind::kTotal) return slot;
  }
  return std::nullopt;
}

}  // namespace keyfold
