#include "peers/peers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/http_url.h"

namespace keyfold {
namespace {

constexpr absl::Duration kConnectMax = absl::Seconds(2);
constexpr absl::Duration kTryAgainAfter = absl::Seconds(2);
constexpr size_t kReplyBytesMax = size_t{64} << 20;  // explanations and series at their limits

// What tells a gateway who asks.
constexpr const char* kHandedOn[] = {"Authorization", "Cookie"};

}  // namespace

std::string Describe(const PartitionClaim& claim) {
  return absl::StrCat("partition ", claim.partition, ", which ", claim.instance, " (", claim.url, ") has had since ",
                      claim.since);
}

std::string ErrorIn(const HttpReply& reply) {
  const auto json = nlohmann::json::parse(reply.body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("error") && json["error"].is_string()) return json["error"].get<std::string>();
  return absl::StrCat("status ", reply.status);
}

absl::StatusOr<HttpReply> Peers::Ask(const PartitionClaim& claim, const HttpRequest& request, const HttpTarget& target,
                                     const std::string& wants) {
  const auto cannot = [&claim](absl::string_view why) {
    return absl::UnavailableError(absl::StrCat("the shard of ", Describe(claim), ", cannot be asked: ", why));
  };
  // What is in the header is secret.
  if (const absl::Status safe = CheckConfidential(claim.url); !safe.ok()) return cannot(safe.message());
  HttpCall call;
  call.url = claim.url + FormatTarget(target);
  call.headers = {{std::string(kAskedByGateway), wants}};
  for (const char* name : kHandedOn) {
    if (const std::string* value = request.Header(name); value != nullptr) call.headers.emplace_back(name, *value);
  }
  call.connect_max = std::min(kConnectMax, wait_max_);
  call.whole_max = wait_max_;
  call.reply_bytes_max = kReplyBytesMax;
  absl::StatusOr<HttpReply> reply = Try(claim.url, call);
  if (!reply.ok()) return cannot(reply.status().message());
  if (reply->status != 401 && reply->status != 403) return reply;
  return cannot(absl::StrCat("it does not let this token in (", ErrorIn(*reply),
                             "): gateways of one projection need the same tokens"));
}

absl::StatusOr<HttpReply> Peers::Try(const std::string& origin, const HttpCall& call) {
  {
    const absl::MutexLock lock(&mutex_);
    const auto failed = failures_.find(origin);
    const absl::Time now = absl::Now();
    if (failed != failures_.end() && now >= failed->second.at && now - failed->second.at < kTryAgainAfter) {
      return absl::UnavailableError(failed->second.why);
    }
  }
  absl::StatusOr<HttpReply> reply = call_(call);
  const absl::MutexLock lock(&mutex_);
  if (reply.ok()) {
    failures_.erase(origin);
  } else {
    failures_[origin] = {absl::Now(), std::string(reply.status().message())};
  }
  return reply;
}

}  // namespace keyfold
