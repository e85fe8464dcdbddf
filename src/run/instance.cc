#include "run/instance.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "kafka/consumer_settings.h"
#include "kafka/group_members.h"
#include "kafka/process_name.h"
#include "run/backoff.h"
#include "run/from_config.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

struct SocketName {
  sockaddr_un address = {};
  socklen_t length = 0;
};

// In Linux's abstract namespace, which the host's processes share: no file, gone with the process, whatever ends it.
SocketName SocketNameOf(const Config& config) {
  const std::string name = absl::StrCat("keyfold/", config.projection, "/", InstanceOf(config));
  SocketName result;
  result.address.sun_family = AF_UNIX;
  // Of a name that is too long its end, in which numbered names differ.
  const size_t size = std::min(name.size(), sizeof(result.address.sun_path) - 1);
  std::memcpy(result.address.sun_path + 1, name.data() + name.size() - size, size);
  result.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size);
  return result;
}

int NewSocket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

// "the process 4711 of this host"
std::string DescribeHolder(const SocketName& name) {
  const int client = NewSocket();
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  const bool known = connect(client, reinterpret_cast<const sockaddr*>(&name.address), name.length) == 0 &&
                     getsockopt(client, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 && credentials.pid != 0;
  close(client);
  return known ? absl::StrCat("the process ", credentials.pid, " of this host") : "another process of this host";
}

// AlreadyExists: another process of this host has the name.
absl::StatusOr<int> Bind(const Config& config) {
  const SocketName name = SocketNameOf(config);
  const int server = NewSocket();
  if (server >= 0 && bind(server, reinterpret_cast<const sockaddr*>(&name.address), name.length) == 0 &&
      listen(server, SOMAXCONN) == 0) {
    return server;
  }
  const int error = errno;
  if (server >= 0) close(server);
  if (error == EADDRINUSE) return absl::AlreadyExistsError(DescribeHolder(name));
  return absl::InternalError(absl::StrCat("claiming the name of this process: ", std::strerror(error)));
}

// AlreadyExists: a process of another host, or one whose host cannot be told, is a member under one of our names. Those
// of this host, of which we have the name, have died.
absl::Status CheckMembers(const Config& config, const KafkaConnection& connection) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<GroupMember> members, ReadGroupMembers(connection, GroupOf(config)));
  for (const GroupMember& member : members) {
    for (int64_t index = 0; index < config.workers; ++index) {
      const std::string worker = member.instance_id.substr(0, member.instance_id.rfind('_'));
      if (worker != WorkerNameOf(config, index) || IsOfThisHost(member.client_id)) continue;
      return absl::AlreadyExistsError(DescribeMember(member));
    }
  }
  return absl::OkStatus();
}

// How long the group keeps a member that says nothing.
absl::Duration SessionOf(const Config& config) {
  int64_t milliseconds = kSessionMilliseconds;
  const auto configured = config.kafka.find("session.timeout.ms");
  if (configured != config.kafka.end() && !absl::SimpleAtoi(configured->second, &milliseconds)) {
    milliseconds = kSessionMilliseconds;  // the consumer will refuse what is configured
  }
  return absl::Milliseconds(milliseconds);
}

// Until `attempt` finds nobody of our name (AlreadyExists: somebody), or a session is over and somebody is still there.
absl::Status AwaitName(const Config& config, const std::atomic<bool>& stop,
                       const std::function<absl::Status()>& attempt) {
  constexpr absl::Duration kMore = absl::Seconds(2);  // brokers look for ended sessions every now and then
  const std::string name = InstanceOf(config);
  std::optional<absl::Time> deadline;
  Backoff unavailable(stop);
  while (!stop) {
    const absl::Status status = attempt();
    if (IsTransient(status)) {
      spdlog::warn("{}; trying again", std::string(status.message()));
      unavailable.Wait();
      continue;
    }
    if (!absl::IsAlreadyExists(status)) return status;
    if (!deadline.has_value()) {
      spdlog::info("{} has the name of this one, '{}': waiting for its end", std::string(status.message()), name);
      deadline = absl::Now() + SessionOf(config) + kMore;
    } else if (absl::Now() > *deadline) {
      return absl::FailedPreconditionError(
          absl::StrCat(status.message(), " runs the projection ", config.projection, " under the name of this one, '",
                       name, "': give each process a name of its own: the key `instance`, by default the host's name"));
    }
    Backoff(stop).Wait();
  }
  return absl::CancelledError("stopped");
}

}  // namespace

std::string InstanceOf(const Config& config) { return config.instance.empty() ? HostName() : config.instance; }

std::string WorkerNameOf(const Config& config, int64_t index) { return absl::StrCat(InstanceOf(config), ".", index); }

std::string MemberNameOf(const Config& config, int64_t index, int32_t topic_partitions) {
  return absl::StrCat(WorkerNameOf(config, index), "_", topic_partitions);
}

absl::StatusOr<std::unique_ptr<InstanceClaim>> InstanceClaim::Take(const Config& config,
                                                                   const std::atomic<bool>& stop) {
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  std::unique_ptr<InstanceClaim> claim;
  KEYFOLD_RETURN_IF_ERROR(AwaitName(config, stop, [&]() -> absl::Status {
    KEYFOLD_ASSIGN_OR_RETURN(const int socket, Bind(config));
    claim.reset(new InstanceClaim(socket));
    return absl::OkStatus();
  }));
  KEYFOLD_RETURN_IF_ERROR(AwaitName(config, stop, [&] { return CheckMembers(config, connection); }));
  return claim;
}

InstanceClaim::~InstanceClaim() { close(socket_); }

}  // namespace keyfold
