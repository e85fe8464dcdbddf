#include "api/elsewhere.h"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "peers/peers.h"
#include "shares/group_share.h"

namespace keyfold {
namespace {

constexpr char kShareType[] = "application/x-protobuf";

// Those of the others, one for each process.
std::vector<PartitionClaim> Processes(const Peers& peers) {
  std::map<std::string, PartitionClaim> by_url;
  for (const auto& [partition, claim] : peers.owners().Elsewhere()) by_url.emplace(claim.url, claim);
  std::vector<PartitionClaim> claims;
  for (auto& [url, claim] : by_url) claims.push_back(std::move(claim));
  return claims;
}

absl::StatusOr<v1::GroupShare> ReadShare(const ApiQuestion& question, const ProjectionReader& reader, Day day,
                                         const ShareReader& read) {
  KEYFOLD_ASSIGN_OR_RETURN(v1::GroupShare share, read(reader, day));
  share.set_catalog_hash(question.catalog().hash());
  share.set_day(day);
  Put(reader.moments(), share);
  return share;
}

absl::StatusOr<HttpReply> AskForAnswer(const ApiQuestion& question, const PartitionClaim& claim,
                                       const HttpTarget& target) {
  KEYFOLD_ASSIGN_OR_RETURN(HttpReply reply,
                           question.sources().peers->Ask(claim, question.request(), target, std::string(kWantsAnswer)));
  if (reply.status < 500) return reply;
  return absl::UnavailableError(absl::StrCat("of the shard of ", Describe(claim), ": ", ErrorIn(reply)));
}

// Of one gathering.
class Gathering {
 public:
  Gathering(const ApiQuestion& question, const HttpTarget& target, const ShareReader& read)
      : question_(question), target_(target), read_(read) {}

  absl::StatusOr<GatheredShares> Gather() {
    KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::Asker asker, question_.WhoAsks());
    const Peers* const peers = question_.sources().peers;
    if (peers != nullptr && !asker.is_gateway) processes_ = Processes(*peers);
    KEYFOLD_RETURN_IF_ERROR(OpenShards());
    KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, question_.Date("as_of"));
    KEYFOLD_ASSIGN_OR_RETURN(std::vector<v1::GroupShare> shares, Round(day));
    GatheredShares gathered;
    for (const v1::GroupShare& share : shares) gathered.day = std::max(gathered.day, Day{share.day()});
    // At midnight some shards are of the next day already, and the others will be in a moment.
    const auto is_behind = [&gathered](const v1::GroupShare& share) { return share.day() != gathered.day; };
    if (std::any_of(shares.begin(), shares.end(), is_behind)) {
      KEYFOLD_ASSIGN_OR_RETURN(shares, Round(gathered.day));
    }
    for (const v1::GroupShare& share : shares) {
      const std::vector<ShardMoment> moments = MomentsIn(share);
      gathered.moments.insert(gathered.moments.end(), moments.begin(), moments.end());
    }
    gathered.shares = std::move(shares);
    KEYFOLD_RETURN_IF_ERROR(CheckComplete(gathered.moments));
    return gathered;
  }

 private:
  // Where others have all shards, none are needed here.
  absl::Status OpenShards() {
    absl::StatusOr<std::shared_ptr<const ProjectionReader>> reader = question_.Reader();
    if (absl::IsNotFound(reader.status())) {
      return processes_.empty() ? absl::UnavailableError(reader.status().message()) : absl::OkStatus();
    }
    KEYFOLD_ASSIGN_OR_RETURN(reader_, std::move(reader));
    return absl::OkStatus();
  }

  // From everybody at once.
  absl::StatusOr<std::vector<v1::GroupShare>> Round(std::optional<Day> day) const {
    std::vector<std::future<absl::StatusOr<v1::GroupShare>>> asked;
    for (const PartitionClaim& process : processes_) {
      asked.push_back(std::async(std::launch::async, [this, &process, day] { return Ask(process, day); }));
    }
    std::vector<absl::StatusOr<v1::GroupShare>> answers;
    if (reader_ != nullptr) answers.push_back(ReadHere(day));
    for (auto& answer : asked) answers.push_back(answer.get());
    std::vector<v1::GroupShare> shares;
    for (absl::StatusOr<v1::GroupShare>& answer : answers) {
      KEYFOLD_ASSIGN_OR_RETURN(shares.emplace_back(), std::move(answer));
    }
    return shares;
  }

  absl::StatusOr<v1::GroupShare> ReadHere(std::optional<Day> day) const {
    if (!day.has_value()) {
      KEYFOLD_ASSIGN_OR_RETURN(day, reader_->LatestDay());
    }
    return ReadShare(question_, *reader_, *day, read_);
  }

  absl::StatusOr<v1::GroupShare> Ask(const PartitionClaim& process, std::optional<Day> day) const {
    std::string wants(kWantsShare);
    if (day.has_value()) absl::StrAppend(&wants, " ", FormatDay(*day));
    KEYFOLD_ASSIGN_OR_RETURN(const HttpReply reply,
                             question_.sources().peers->Ask(process, question_.request(), target_, wants));
    if (reply.status != 200) {
      return absl::UnavailableError(absl::StrCat("of the shard of ", Describe(process), ": ", ErrorIn(reply)));
    }
    v1::GroupShare share;
    if (!share.ParseFromString(reply.body)) {
      return absl::UnavailableError(absl::StrCat("what ", process.url, " answers is no share of a group"));
    }
    if (share.catalog_hash() != question_.catalog().hash()) {
      return absl::UnavailableError(absl::StrCat(process.instance, " (", process.url, ") follows another catalogue"));
    }
    return share;
  }

  static absl::Status CheckComplete(std::vector<ShardMoment>& moments) {
    const auto by_partition = [](const ShardMoment& a, const ShardMoment& b) { return a.partition < b.partition; };
    const auto is_same = [](const ShardMoment& a, const ShardMoment& b) { return a.partition == b.partition; };
    std::sort(moments.begin(), moments.end(), by_partition);
    const auto twice = std::adjacent_find(moments.begin(), moments.end(), is_same);
    if (twice != moments.end()) {
      return absl::UnavailableError(absl::StrCat("the shard of partition ", twice->partition,
                                                 " moves from one process to another: ask again in a moment"));
    }
    const std::vector<int32_t> missing = MissingPartitions(moments);
    if (missing.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the shards of partitions ", RangesOf(missing),
                     " are not on this machine, and no other process has said that it has them (gateway.public_url): a "
                     "group's numbers need all of them"));
  }

  const ApiQuestion& question_;
  const HttpTarget& target_;
  const ShareReader& read_;
  std::vector<PartitionClaim> processes_;
  std::shared_ptr<const ProjectionReader> reader_;  // null: no shards are here
};

}  // namespace

absl::StatusOr<std::optional<PartitionClaim>> WhoHas(const ApiQuestion& question, const std::string& account_id) {
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::Asker asker, question.WhoAsks());
  const Peers* const peers = question.sources().peers;
  if (peers == nullptr || asker.is_gateway) return std::optional<PartitionClaim>();
  KEYFOLD_RETURN_IF_ERROR(peers->owners().complete());
  KEYFOLD_ASSIGN_OR_RETURN(const int32_t partition, question.sources().live->SourcePartition(account_id));
  return peers->owners().Elsewhere(partition);
}

absl::StatusOr<std::optional<HttpResponse>> AnswerElsewhere(const ApiQuestion& question,
                                                            const std::string& account_id) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<PartitionClaim> claim, WhoHas(question, account_id));
  if (!claim.has_value()) return std::optional<HttpResponse>();
  KEYFOLD_ASSIGN_OR_RETURN(HttpReply reply, AskForAnswer(question, *claim, question.request().target));
  HttpResponse response = BodyResponse(std::move(reply.body));
  response.status = reply.status;
  if (const std::string* type = reply.Header("Content-Type"); type != nullptr) response.content_type = *type;
  return response;
}

absl::Status CheckAllHere(const ApiQuestion& question) {
  const Peers* const peers = question.sources().peers;
  if (peers == nullptr) return absl::OkStatus();
  KEYFOLD_RETURN_IF_ERROR(peers->owners().complete());
  const PartitionOwners::Claims elsewhere = peers->owners().Elsewhere();
  if (elsewhere.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("this is answered where one process has all shards, and not that of ",
                                             Describe(elsewhere.begin()->second)));
}

absl::StatusOr<Json> AskForDocument(const ApiQuestion& question, const PartitionClaim& claim,
                                    const HttpTarget& target) {
  KEYFOLD_ASSIGN_OR_RETURN(const HttpReply reply, AskForAnswer(question, claim, target));
  if (reply.status == 404) return absl::NotFoundError(ErrorIn(reply));
  if (reply.status == 400) return absl::InvalidArgumentError(ErrorIn(reply));
  Json json = Json::parse(reply.body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (reply.status == 200 && json.is_object()) return json;
  return absl::UnavailableError(absl::StrCat("of the shard of ", Describe(claim), ": ", ErrorIn(reply)));
}

absl::StatusOr<HttpResponse> ShareResponse(const ApiQuestion& question, const ShareReader& read) {
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::Asker asker, question.WhoAsks());
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_ASSIGN_OR_RETURN(const v1::GroupShare share,
                           ReadShare(question, *at.reader, asker.day.value_or(at.day), read));
  return BodyResponse(share.SerializeAsString(), kShareType);
}

absl::StatusOr<GatheredShares> GatherShares(const ApiQuestion& question, const HttpTarget& target,
                                            const ShareReader& read) {
  return Gathering(question, target, read).Gather();
}

}  // namespace keyfold
