// What the shards say: as of other dates, over time, why, and by other formulas.
#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/routes.h"
#include "ask/moments.h"
#include "ask/series.h"
#include "base/status_macros.h"
#include "explain/explain.h"
#include "explain/explanation_json.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

constexpr const char* kFormulaId = "formula";
constexpr int64_t kLinesMax = 10'000;
constexpr int64_t kLinesByDefault = 50;
constexpr size_t kIdsMax = 100;

// Of a group every shard is needed.
absl::Status CheckShards(const ProjectionReader& reader, const std::string& id) {
  return IsGroupId(id) ? reader.CheckComplete() : absl::OkStatus();
}

Json PointOf(Day day, const FoldedValues& values, bool is_group) {
  Json point{{"as_of", FormatDay(day)}};
  if (is_group) point["accounts"] = values.accounts;
  point["kpis"] = Json::object();
  for (const auto& [kpi, value] : values.kpis) point["kpis"][kpi] = value;
  point["missing_rates"] = values.missing_rates;
  return point;
}

// The values of an account or a group at each of the days. NotFound: it was never there.
absl::StatusOr<Json> PointsOf(const ProjectionReader& reader, const std::string& id, std::span<const Day> days,
                              std::span<const uint16_t> kpis) {
  KEYFOLD_RETURN_IF_ERROR(CheckShards(reader, id));
  Json points = Json::array();
  const bool is_group = IsGroupId(id);
  const SeriesVisitor visit = [&](Day day, const FoldedValues& values) {
    points.push_back(PointOf(day, values, is_group));
  };
  KEYFOLD_ASSIGN_OR_RETURN(const bool found, is_group ? GroupSeries(reader, id, days, kpis, visit)
                                                      : AccountSeries(reader, id, days, kpis, visit));
  if (!found) return NotThere(reader, id);
  return points;
}

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

// `from` to `to` (the date that the shards have reached) in steps of `step` (months).
absl::StatusOr<std::vector<Day>> ReadDays(const ApiQuestion& question, Day last) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> from, question.Date("from"));
  if (!from.has_value()) return absl::InvalidArgumentError("from: a date is needed");
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> to, question.Date("to"));
  const std::string name = question.Text("step");
  const std::optional<SeriesStep> step = ParseSeriesStep(name.empty() ? "month" : name);
  if (!step.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("step: '", name, "' is none of day, week, month, quarter, year"));
  }
  return SeriesDays(*from, to.value_or(last), *step);
}

absl::StatusOr<HttpResponse> ShowSeries(const ApiQuestion& question, const std::string& id) {
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Day> days, ReadDays(question, at.day));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<uint16_t> kpis, ReadKpis(question, id));
  KEYFOLD_ASSIGN_OR_RETURN(Json points, PointsOf(*at.reader, id, days, kpis));
  Json json{{IsGroupId(id) ? "group_id" : "account_id", id}, {"points", std::move(points)}};
  json["shards"] = MomentsToJson(*at.reader);
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> ShowExplanation(const ApiQuestion& question, const std::string& id) {
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_RETURN_IF_ERROR(CheckShards(*at.reader, id));
  ExplainQuestion explain;
  explain.id = id;
  explain.day = at.day;
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
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Explanation> explanation, Explain(*at.reader, explain));
  if (!explanation.has_value()) return NotThere(*at.reader, id);
  Json json = ToJson(*explanation);
  json["shards"] = MomentsToJson(*at.reader);
  return JsonResponse(json);
}

}  // namespace

absl::StatusOr<HttpResponse> ShowAsOf(const ApiQuestion& question, const std::string& id) {
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<uint16_t> kpis, ReadKpis(question, id));
  KEYFOLD_ASSIGN_OR_RETURN(const Json points, PointsOf(*at.reader, id, std::span(&at.day, 1), kpis));
  Json json{{IsGroupId(id) ? "group_id" : "account_id", id}};
  json.update(points.front());
  json["catalog_hash"] = question.catalog().hash();
  json["shards"] = MomentsToJson(*at.reader);
  return JsonResponse(json);
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
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kAccounts, question.Argument(0)));
  return ShowExplanation(question, question.Argument(0));
}

absl::StatusOr<HttpResponse> ExplainGroupKpi(const ApiQuestion& question) {
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kGroups, question.Argument(0)));
  return ShowExplanation(question, question.Argument(0));
}

absl::StatusOr<HttpResponse> ShowFormula(const ApiQuestion& question) {
  const std::vector<std::string> ids = question.Texts("id");
  if (ids.empty() || ids.size() > kIdsMax) {
    return absl::InvalidArgumentError(absl::StrCat("id: from 1 to ", kIdsMax, " accounts and groups are needed"));
  }
  for (const std::string& id : ids) {
    KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(IsGroupId(id) ? LatestTopic::kGroups : LatestTopic::kAccounts, id));
  }
  const std::string unit = question.Text("unit").empty() ? "number" : question.Text("unit");
  const std::string formula = question.Text("formula");
  const absl::StatusOr<Catalog> extended = question.catalog().WithFormula(kFormulaId, formula, unit);
  if (!extended.ok()) return absl::InvalidArgumentError(absl::StrCat("formula: ", extended.status().message()));
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  std::vector<Day> days = {at.day};
  if (!question.Text("from").empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(days, ReadDays(question, at.day));
  }
  const ProjectionReader reader = at.reader->With(*extended);
  const uint16_t kpi = *extended->FindKpi(kFormulaId);
  Json json{{"formula", formula}, {"unit", unit}, {"values", Json::array()}};
  for (const std::string& id : ids) {
    KEYFOLD_ASSIGN_OR_RETURN(Json points, PointsOf(reader, id, days, std::span(&kpi, 1)));
    json["values"].push_back({{IsGroupId(id) ? "group_id" : "account_id", id}, {"points", std::move(points)}});
  }
  json["shards"] = MomentsToJson(reader);
  return JsonResponse(json);
}

}  // namespace keyfold
