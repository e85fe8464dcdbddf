// Who is in a consumer group, and what to say when two are there under one name.
#ifndef KEYFOLD_KAFKA_GROUP_MEMBERS_H_
#define KEYFOLD_KAFKA_GROUP_MEMBERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/connection.h"

namespace keyfold {

// As the group's coordinator knows it. One that has died without a word stays until its session ends.
struct GroupMember {
  std::string instance_id;  // of a static member; else empty
  std::string client_id;
  std::string host;  // the address from which it has come
};

// None where there is no such group.
absl::StatusOr<std::vector<GroupMember>> ReadGroupMembers(const KafkaConnection& connection,
                                                          const std::string& group_id,
                                                          absl::Duration wait_max = absl::Seconds(10));

// "the process keyfold@a:7 (10.0.0.1)"
std::string DescribeMember(const GroupMember& member);

// AlreadyExists: this static member was put out of the group by another one of its name. Who that is the group does not
// tell: it keeps what it knew of the first one. It may have been itself: where the answer to its joining was lost, with
// a connection or a broker, it joins again, and what the group has of it is not what it knows of itself.
absl::Status FencedByNamesake(const std::string& group_id, const std::string& instance_id);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_GROUP_MEMBERS_H_
