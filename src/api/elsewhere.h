// Questions to the shards that other processes of the projection have (peers/peers.h).
#ifndef KEYFOLD_API_ELSEWHERE_H_
#define KEYFOLD_API_ELSEWHERE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/question.h"
#include "ask/projection_reader.h"
#include "keyfold/v1/group_share.pb.h"
#include "peers/partition_claim.h"

namespace keyfold {

// Who has the account's shard; nullopt: it is here, as far as anybody has told, or another gateway asks, which is
// answered from what is here.
absl::StatusOr<std::optional<PartitionClaim>> WhoHas(const ApiQuestion& question, const std::string& account_id);

// What the process that has the account's shard answers to the question; nullopt: it is to be answered here.
absl::StatusOr<std::optional<HttpResponse>> AnswerElsewhere(const ApiQuestion& question, const std::string& account_id);

// For questions that are not asked of several processes. Unavailable: another one has a shard, and which.
absl::Status CheckAllHere(const ApiQuestion& question);

// The document that the process answers with at `target` to whoever asks here; its errors are the question's.
absl::StatusOr<Json> AskForDocument(const ApiQuestion& question, const PartitionClaim& claim, const HttpTarget& target);

// What all shards know of a group, as each process tells it.
struct GatheredShares {
  Day day = 0;                         // that all of them are of
  std::vector<v1::GroupShare> shares;  // at least one
  std::vector<ShardMoment> moments;    // by partition: all that there are
};

// Computes the share of the shards here for a day.
using ShareReader = std::function<absl::StatusOr<v1::GroupShare>(const ProjectionReader& reader, Day day)>;

// The share of the shards here, for another gateway.
absl::StatusOr<HttpResponse> ShareResponse(const ApiQuestion& question, const ShareReader& read);

// The shares of the shards here and of all others, which are asked for at `target` by whoever asks here. Where no date
// is given it is the latest that one of the shards has reached. Unavailable: shards cannot be asked, or move from one
// process to another just now; FailedPrecondition: nobody has them. Both say which.
absl::StatusOr<GatheredShares> GatherShares(const ApiQuestion& question, const HttpTarget& target,
                                            const ShareReader& read);

}  // namespace keyfold

#endif  // KEYFOLD_API_ELSEWHERE_H_
