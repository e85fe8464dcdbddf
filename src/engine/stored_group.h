// A group's sums, as stored and as computed.
#ifndef KEYFOLD_ENGINE_STORED_GROUP_H_
#define KEYFOLD_ENGINE_STORED_GROUP_H_

#include <optional>

#include "keyfold/v1/stored_state.pb.h"
#include "kpi/group_sums.h"

namespace keyfold {

v1::GroupSums ToStored(const GroupSums& sums);

// nullopt: they are not sums of this catalogue, or damaged.
std::optional<GroupSums> FromStored(const Catalog& catalog, const v1::GroupSums& stored);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_STORED_GROUP_H_
