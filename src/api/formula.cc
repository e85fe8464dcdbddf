// Any formula, for any ids and dates.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/elsewhere.h"
#include "api/points.h"
#include "api/routes.h"
#include "ask/moments.h"
#include "base/status_macros.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

constexpr const char* kFormulaId = "formula";
constexpr size_t kIdsMax = 100;

// The same question of some of the ids.
HttpTarget TargetFor(const ApiQuestion& question, const std::vector<std::string>& ids) {
  HttpTarget target = question.request().target;
  std::erase_if(target.query, [](const auto& parameter) { return parameter.first == "id"; });
  target.query.emplace_back("id", absl::StrJoin(ids, ","));
  return target;
}

// The objects in a list of the document.
std::vector<Json> MembersOf(const Json& document, const char* list) {
  std::vector<Json> members;
  if (!document.contains(list)) return members;
  for (const Json& member : document[list]) {
    if (member.is_object()) members.push_back(member);
  }
  return members;
}

// The values of the ids, each from where its shard is.
class FormulaAnswer {
 public:
  FormulaAnswer(const ApiQuestion& question, const Catalog& extended, const DaysUpTo& days_up_to)
      : question_(question), extended_(extended), kpi_(*extended.FindKpi(kFormulaId)), days_up_to_(days_up_to) {}

  absl::Status Read(const std::string& id) {
    if (IsGroupId(id)) {
      return Take(
          id, PointsOfGroup(question_, TargetFor(question_, {id}), extended_, id, days_up_to_, std::span(&kpi_, 1)));
    }
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<PartitionClaim> claim, WhoHas(question_, id));
    if (!claim.has_value()) {
      return Take(id, PointsOfAccount(question_, extended_, id, days_up_to_, std::span(&kpi_, 1)));
    }
    elsewhere_[claim->url].first = *claim;
    elsewhere_[claim->url].second.push_back(id);
    return absl::OkStatus();
  }

  // What others have: one question to each.
  absl::Status ReadElsewhere() {
    for (const auto& [url, asked] : elsewhere_) {
      const auto& [claim, ids] = asked;
      KEYFOLD_ASSIGN_OR_RETURN(const Json answer, AskForDocument(question_, claim, TargetFor(question_, ids)));
      for (const Json& value : MembersOf(answer, "values")) values_[value.value("account_id", "")] = value;
      for (const Json& shard : MembersOf(answer, "shards")) shards_.emplace(shard.value("partition", 0), shard);
      for (const std::string& id : ids) {
        if (!values_.contains(id)) return NoShare();
      }
    }
    return absl::OkStatus();
  }

  void PutInto(const std::vector<std::string>& ids, Json& json) {
    json["values"] = Json::array();
    for (const std::string& id : ids) json["values"].push_back(values_[id]);
    json["shards"] = Json::array();
    for (const auto& [partition, shard] : shards_) json["shards"].push_back(shard);
  }

 private:
  absl::Status Take(const std::string& id, absl::StatusOr<Points> points) {
    KEYFOLD_RETURN_IF_ERROR(points.status());
    values_[id] = {{IsGroupId(id) ? "group_id" : "account_id", id}, {"points", std::move(points->json)}};
    for (const ShardMoment& moment : points->moments) {
      shards_.emplace(moment.partition, MomentsToJson(std::span(&moment, 1)).front());
    }
    return absl::OkStatus();
  }

  const ApiQuestion& question_;
  const Catalog& extended_;
  const uint16_t kpi_;
  const DaysUpTo& days_up_to_;
  std::map<std::string, Json> values_;                                                    // by id
  std::map<int32_t, Json> shards_;                                                        // by partition
  std::map<std::string, std::pair<PartitionClaim, std::vector<std::string>>> elsewhere_;  // by URL: accounts
};

absl::StatusOr<std::vector<std::string>> ReadIds(const ApiQuestion& question) {
  std::vector<std::string> ids = question.Texts("id");
  if (ids.empty() || ids.size() > kIdsMax) {
    return absl::InvalidArgumentError(absl::StrCat("id: from 1 to ", kIdsMax, " accounts and groups are needed"));
  }
  for (const std::string& id : ids) {
    KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(IsGroupId(id) ? LatestTopic::kGroups : LatestTopic::kAccounts, id));
  }
  return ids;
}

}  // namespace

absl::StatusOr<HttpResponse> ShowFormula(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> ids, ReadIds(question));
  const std::string unit = question.Text("unit").empty() ? "number" : question.Text("unit");
  const std::string formula = question.Text("formula");
  const absl::StatusOr<Catalog> extended = question.catalog().WithFormula(kFormulaId, formula, unit);
  if (!extended.ok()) return absl::InvalidArgumentError(absl::StrCat("formula: ", extended.status().message()));
  const DaysUpTo days_up_to = [&question](Day last) -> absl::StatusOr<std::vector<Day>> {
    if (question.Text("from").empty()) return std::vector<Day>{last};
    return ReadDays(question, last);
  };
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::Asker asker, question.WhoAsks());
  if (asker.wants_share) {
    if (ids.size() > 1 || !IsGroupId(ids.front())) return absl::InvalidArgumentError("id: a share is of one group");
    return ShareResponse(question, SeriesShareReader(*extended, ids.front(), days_up_to));
  }
  FormulaAnswer values(question, *extended, days_up_to);
  for (const std::string& id : ids) KEYFOLD_RETURN_IF_ERROR(values.Read(id));
  KEYFOLD_RETURN_IF_ERROR(values.ReadElsewhere());
  Json json{{"formula", formula}, {"unit", unit}};
  values.PutInto(ids, json);
  return JsonResponse(json);
}

}  // namespace keyfold
