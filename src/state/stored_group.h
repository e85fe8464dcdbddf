// A group's sums, as stored and as computed.
#ifndef KEYFOLD_STATE_STORED_GROUP_H_
#define KEYFOLD_STATE_STORED_GROUP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/calendar.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/group_sums.h"

namespace keyfold {

v1::GroupSums ToStored(const GroupSums& sums);

// A group as a shard keeps it (v1.StoredGroup).
struct KeptGroup {
  GroupSums sums;
  Day day = 0;                                  // stage 2: the latest evaluation date of a partial
  bool unpublished = false;                     // stage 2: a rebuild has made the sums, and nobody was told
  bool replayed = false;                        // stage 2: a replay has made them; see v1.StoredGroup
  std::vector<std::string> raised_alerts = {};  // stage 2: as last published, by their ids
};

std::string SerializeGroup(const KeptGroup& group);

// DamagedGroup(), also if the sums are of another catalogue.
absl::StatusOr<KeptGroup> ParseGroup(const Catalog& catalog, const std::string& group_id, const std::string& bytes);

// DataLoss, which names the group.
absl::Status DamagedGroup(const std::string& group_id);

// nullopt: they are not sums of this catalogue, or damaged.
std::optional<GroupSums> FromStored(const Catalog& catalog, const v1::GroupSums& stored);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_STORED_GROUP_H_
