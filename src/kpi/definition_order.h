// In which order definitions are evaluated: each after what its formula reads.
#ifndef KEYFOLD_KPI_DEFINITION_ORDER_H_
#define KEYFOLD_KPI_DEFINITION_ORDER_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "kpi/catalog.h"

namespace keyfold {

// Definitions that read each other.
struct DefinitionCycle {
  uint16_t definition;  // one of them, by its index
  std::string path;     // "a -> b -> a"
};

using DefinitionOrder = std::variant<std::vector<uint16_t>, DefinitionCycle>;

// Indexes of all definitions, for an account, and for a group: there components are given, as sums.
DefinitionOrder AccountOrder(const std::vector<Definition>& definitions);
DefinitionOrder GroupOrder(const std::vector<Definition>& definitions);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_DEFINITION_ORDER_H_
