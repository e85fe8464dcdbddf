// What the shards say: as of other dates, over time, and why.
#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/elsewhere.h"
#include "api/points.h"
#include "api/routes.h"
#include "ask/moments.h"
#include "base/status_macros.h"
#include "explain/explain.h"
#include "explain/explanation_json.h"
#include "kpi/groups.h"
#include "shares/group_share.h"

namespace keyfold {
namespace {

constexpr int64_t kLinesMax = 10'000;
constexpr int64_t kLinesByDefault = 50;

// The KPIs that are asked for; all that there are for a group or an account, where none is named.
absl::StatusOr<std::vector<uint16_t>> ReadKpis(const ApiQuestion& question, const std::string& id) {
  std::vector<uint16_t> kpis;
  for (const std::string& name : question.Texts("kpis")) {
    KEYFOLD_ASSIGN_OR_RETURN(kpis.emplace_back(), question.Kpi("kpis", name));
  }
  if (kpis.empty()) kpis = question.catalog().kpis();
  if (!IsGroupId(id)) return kpis;
  std::erase_if(
      kpis, [&](uint16_t kpi) { return question.catalog().definitions()[kpi].rollup == Definition::Rollup::kNone; });
  return kpis;
}

// The document of an account or a group at some days: `finish` makes it of their values.
absl::StatusOr<HttpResponse> ShowPoints(const ApiQuestion& question, const std::string& id, const DaysUpTo& days_up_to,
                                        const std::function<void(Points& points, Json& json)>& finish) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<uint16_t> kpis, ReadKpis(question, id));
  const Catalog& catalog = question.catalog();
  const bool is_group = IsGroupId(id);
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::Asker asker, question.WhoAsks());
  if (is_group && asker.wants_share) return ShareResponse(question, SeriesShareReader(catalog, id, days_up_to));
  if (!is_group) {
    KEYFOLD_ASSIGN_OR_RETURN(std::optional<HttpResponse> answer, AnswerElsewhere(question, id));
    if (answer.has_value()) return *std::move(answer);
  }
  KEYFOLD_ASSIGN_OR_RETURN(Points points,
                           is_group ? PointsOfGroup(question, question.request().target, catalog, id, days_up_to, kpis)
                                    : PointsOfAccount(question, catalog, id, days_up_to, kpis));
  Json json{{is_group ? "group_id" : "account_id", id}};
  finish(points, json);
  json["shards"] = MomentsToJson(points.moments);
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> ShowSeries(const ApiQuestion& question, const std::string& id) {
  const auto days_up_to = [&question](Day last) { return ReadDays(question, last); };
  return ShowPoints(question, id, days_up_to,
                    [](Points& points, Json& json) { json["points"] = std::move(points.json); });
}

absl::StatusOr<ExplainQuestion> ReadExplainQuestion(const ApiQuestion& question, const std::string& id, Day day) {
  ExplainQuestion explain;
  explain.id = id;
  explain.day = day;
  const std::optional<uint16_t> explained = FindExplained(question.catalog(), question.Argument(1));
  if (!explained.has_value()) return question.Kpi("kpi", question.Argument(1)).status();
  explain.kpi = *explained;
  KEYFOLD_ASSIGN_OR_RETURN(explain.since, question.Date("since"));
  if (explain.since.has_value() && *explain.since >= explain.day) {
    return absl::InvalidArgumentError(absl::StrCat("since: is not before ", FormatDay(explain.day)));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t limit, question.Number("limit", kLinesByDefault, kLinesMax));
  explain.limit = static_cast<size_t>(limit);
  // A member that has gone elsewhere since is nobody to this token: its share is part of the rest.
  if (!question.visibility().sees_all) {
    explain.may_name = [&question](std::string_view account_id) {
      return question.CheckVisible(LatestTopic::kAccounts, account_id).ok();
    };
  }
  return explain;
}

HttpResponse ExplanationResponse(const Explanation& explanation, std::span<const ShardMoment> moments) {
  Json json = ToJson(explanation);
  json["shards"] = MomentsToJson(moments);
  return JsonResponse(json);
}

}  // namespace

absl::StatusOr<HttpResponse> ShowAsOf(const ApiQuestion& question, const std::string& id) {
  const auto that_day = [](Day last) { return std::vector<Day>{last}; };
  return ShowPoints(question, id, that_day, [&question](Points& points, Json& json) {
    json.update(points.json.front());
    json["catalog_hash"] = question.catalog().hash();
  });
}

absl::StatusOr<HttpResponse> ShowAccountSeries(const ApiQuestion& question) {
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kAccounts, question.Argument(0)));
  return ShowSeries(question, question.Argument(0));
}

absl::StatusOr<HttpResponse> ShowGroupSeries(const ApiQuestion& question) {
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kGroups, question.Argument(0)));
  return ShowSeries(question, question.Argument(0));
}

absl::StatusOr<HttpResponse> ExplainAccountKpi(const ApiQuestion& question) {
  const std::string& id = question.Argument(0);
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kAccounts, id));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<HttpResponse> answer, AnswerElsewhere(question, id));
  if (answer.has_value()) return *std::move(answer);
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_ASSIGN_OR_RETURN(const ExplainQuestion explain, ReadExplainQuestion(question, id, at.day));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Explanation> explanation, Explain(*at.reader, explain));
  if (!explanation.has_value()) return NotThere(*at.reader, id);
  return ExplanationResponse(*explanation, at.reader->moments());
}

absl::StatusOr<HttpResponse> ExplainGroupKpi(const ApiQuestion& question) {
  const std::string& id = question.Argument(0);
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kGroups, id));
  const ShareReader read = [&](const ProjectionReader& reader, Day day) -> absl::StatusOr<v1::GroupShare> {
    KEYFOLD_ASSIGN_OR_RETURN(const ExplainQuestion explain, ReadExplainQuestion(question, id, day));
    KEYFOLD_ASSIGN_OR_RETURN(const ExplanationShare share, ReadExplanationShare(reader, explain));
    v1::GroupShare message;
    Put(share, message);
    return message;
  };
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::Asker asker, question.WhoAsks());
  if (asker.wants_share) return ShareResponse(question, read);
  KEYFOLD_ASSIGN_OR_RETURN(const GatheredShares gathered, GatherShares(question, question.request().target, read));
  KEYFOLD_ASSIGN_OR_RETURN(const ExplainQuestion explain, ReadExplainQuestion(question, id, gathered.day));
  std::optional<ExplanationShare> sum;
  for (const v1::GroupShare& message : gathered.shares) {
    std::optional<ExplanationShare> share = ExplanationIn(question.catalog(), explain.kpi, message);
    if (!share.has_value()) return NoShare();
    if (sum.has_value()) {
      Add(explain, *std::move(share), *sum);
    } else {
      sum = std::move(share);
    }
  }
  const std::optional<Explanation> explanation = ExplainGroup(question.catalog(), explain, *std::move(sum));
  if (!explanation.has_value()) return NoMembers(id);
  return ExplanationResponse(*explanation, gathered.moments);
}

}  // namespace keyfold
