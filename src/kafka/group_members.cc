#include "kafka/group_members.h"

#include <librdkafka/rdkafka.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/kafka_status.h"

namespace keyfold {
namespace {

std::string Text(const char* text) { return text == nullptr ? "" : text; }

std::vector<GroupMember> MembersOf(const rd_kafka_ConsumerGroupDescription_t* group) {
  std::vector<GroupMember> members;
  for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(group); ++i) {
    const rd_kafka_MemberDescription_t* const member = rd_kafka_ConsumerGroupDescription_member(group, i);
    members.push_back({Text(rd_kafka_MemberDescription_group_instance_id(member)),
                       Text(rd_kafka_MemberDescription_client_id(member)),
                       std::string(absl::StripPrefix(Text(rd_kafka_MemberDescription_host(member)), "/"))});
  }
  return members;
}

}  // namespace

absl::StatusOr<std::vector<GroupMember>> ReadGroupMembers(const KafkaConnection& connection,
                                                          const std::string& group_id, absl::Duration wait_max) {
  const std::string what = absl::StrCat("describing the group ", group_id);
  KEYFOLD_ASSIGN_OR_RETURN(const ClientHandle client, NewClient(connection, ClientSettings()));
  const std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)> options(
      rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS),
      &rd_kafka_AdminOptions_destroy);
  rd_kafka_AdminOptions_set_request_timeout(options.get(), WaitMilliseconds(wait_max), nullptr, 0);
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  const char* name = group_id.c_str();
  rd_kafka_DescribeConsumerGroups(client.get(), &name, 1, options.get(), queue.get());
  // Longer than the request's own time-out, whose error says more.
  const std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> event(
      rd_kafka_queue_poll(queue.get(), WaitMilliseconds(wait_max + absl::Seconds(2))), &rd_kafka_event_destroy);
  if (event == nullptr) return absl::DeadlineExceededError(absl::StrCat(what, ": no answer"));
  KEYFOLD_RETURN_IF_ERROR(
      KafkaStatus(rd_kafka_event_error(event.get()), what, Text(rd_kafka_event_error_string(event.get()))));
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** const groups =
      rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  if (count == 0) return std::vector<GroupMember>();
  const rd_kafka_error_t* const error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
    return KafkaStatus(error, what);
  }
  return MembersOf(groups[0]);
}

std::string DescribeMember(const GroupMember& member) {
  return absl::StrCat("the process ", member.client_id, " (", member.host, ")");
}

absl::Status FencedByNamesake(const std::string& group_id, const std::string& instance_id) {
  return absl::AlreadyExistsError(absl::StrCat(
      "another member has joined the group ", group_id, " as '", instance_id,
      "', which is the name of a worker of this process. Give each process a name of its own: the key `instance`"));
}

}  // namespace keyfold
