// The members of a group in a shard's store, as a list.
#ifndef KEYFOLD_TESTS_SUPPORT_READ_MEMBERS_H_
#define KEYFOLD_TESTS_SUPPORT_READ_MEMBERS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "keyfold/shard_store.h"
#include "state/account_reader.h"

namespace keyfold {

// As VisitMembers() visits them.
inline absl::StatusOr<std::vector<std::string>> ReadMembers(const ShardStore& store, std::string_view group_id) {
  std::vector<std::string> members;
  KEYFOLD_RETURN_IF_ERROR(VisitMembers(store, group_id, [&members](std::string_view account_id) {
    members.emplace_back(account_id);
    return absl::OkStatus();
  }));
  return members;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_READ_MEMBERS_H_
