// What is open of an account, and what falls due.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/elsewhere.h"
#include "api/page.h"
#include "api/routes.h"
#include "ask/moments.h"
#include "ask/open_things.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr Day kDaysMax = 400;
constexpr Day kDaysByDefault = 30;
constexpr size_t kAccountsMax = 200'000;

// "2026-12-12 contract A 1", in letters that fit into an address.
std::string CursorOf(const DuePlace& place) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(FormatDay(place.day), " ", std::string(EntityKindName(place.kind)), " ", place.account_id));
}

std::optional<EntityKind> DueKindOf(std::string_view name) {
  for (const EntityKind kind : DueKinds()) {
    if (EntityKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

std::optional<DuePlace> DuePlaceOf(const std::string& cursor) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(cursor, &text)) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 2));
  constexpr size_t kParts = 3;
  if (parts.size() != kParts) return std::nullopt;
  const std::optional<Day> day = ParseDay(parts[0]);
  const std::optional<EntityKind> kind = DueKindOf(parts[1]);
  if (!day.has_value() || !kind.has_value()) return std::nullopt;
  return DuePlace{*day, parts[2], *kind};
}

absl::Status ReadKinds(const ApiQuestion& question, DueQuery& query) {
  std::vector<std::string_view> known;
  for (const EntityKind kind : DueKinds()) known.push_back(EntityKindName(kind));
  for (const std::string& name : question.Texts("kind")) {
    const std::optional<EntityKind> kind = DueKindOf(name);
    if (!kind.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("kind: nothing of the kind '", name, "' falls due", DidYouMean(name, known)));
    }
    query.kinds.insert(*kind);
  }
  if (query.kinds.empty()) query.kinds.insert(DueKinds().begin(), DueKinds().end());
  return absl::OkStatus();
}

// What has passed stands among what is open of each account, as overdue.
absl::Status ReadPeriod(const ApiQuestion& question, Day today, DueQuery& query) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> from, question.Date("from"));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> to, question.Date("to"));
  query.from = from.value_or(today);
  query.to = to.value_or(query.from + kDaysByDefault);
  if (query.from < today) {
    return absl::InvalidArgumentError(
        absl::StrCat("from: is before ", FormatDay(today), "; what is overdue is in /v1/accounts/{id}/open"));
  }
  if (query.to < query.from) return absl::InvalidArgumentError("to: is before from");
  if (query.to - query.from > kDaysMax) {
    return absl::InvalidArgumentError(absl::StrCat("to: is more than ", kDaysMax, " days after from"));
  }
  return absl::OkStatus();
}

absl::StatusOr<DueQuery> ReadQuery(const ApiQuestion& question, Day today) {
  DueQuery query;
  KEYFOLD_RETURN_IF_ERROR(ReadKinds(question, query));
  KEYFOLD_RETURN_IF_ERROR(ReadPeriod(question, today, query));
  KEYFOLD_ASSIGN_OR_RETURN(query.limit, PageLimit(question));
  const std::string cursor = question.Text("cursor");
  if (cursor.empty()) return query;
  query.after = DuePlaceOf(cursor);
  if (!query.after.has_value()) return absl::InvalidArgumentError("cursor: it is none of a page of this list");
  return query;
}

}  // namespace

absl::StatusOr<HttpResponse> ListOpen(const ApiQuestion& question) {
  const std::string& id = question.Argument(0);
  KEYFOLD_RETURN_IF_ERROR(question.CheckVisible(LatestTopic::kAccounts, id));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<HttpResponse> answer, AnswerElsewhere(question, id));
  if (answer.has_value()) return *std::move(answer);
  KEYFOLD_ASSIGN_OR_RETURN(const ApiQuestion::AtDate at, question.Shards());
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::vector<OpenEntity>> open, OpenThings(*at.reader, id, at.day));
  if (!open.has_value()) return NotThere(*at.reader, id);
  Json json{{"account_id", id}, {"as_of", FormatDay(at.day)}, {"open", Json::array()}};
  for (const OpenEntity& one : *open) json["open"].push_back(ToJson(one));
  json["shards"] = MomentsToJson(*at.reader);
  return JsonResponse(json);
}

absl::StatusOr<HttpResponse> ListDue(const ApiQuestion& question) {
  KEYFOLD_RETURN_IF_ERROR(CheckAllHere(question));
  KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const ProjectionReader> reader, question.sources().shards());
  KEYFOLD_ASSIGN_OR_RETURN(const Day today, reader->LatestDay());
  KEYFOLD_ASSIGN_OR_RETURN(const DueQuery query, ReadQuery(question, today));
  RowFilter filter;
  filter.groups = question.Texts("group");
  if (std::string manager = question.Text("manager_id"); !manager.empty()) {
    filter.attributes["manager_id"] = std::move(manager);
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<NamedAccount> accounts,
                           question.sources().live->Accounts(filter, question.visibility(), kAccountsMax + 1));
  if (accounts.size() > kAccountsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("these are more than ", kAccountsMax, " accounts: a group or a manager has to be named"));
  }
  std::vector<std::string> ids;
  std::map<std::string_view, std::string_view> names;
  for (const NamedAccount& account : accounts) {
    ids.push_back(account.id);
    names[account.id] = account.name;
  }
  KEYFOLD_ASSIGN_OR_RETURN(const DueList list, FindDue(*reader, ids, query));
  Json json{{"from", FormatDay(query.from)}, {"to", FormatDay(query.to)}, {"due", Json::array()}};
  for (const Due& due : list.due) {
    for (const OpenEntity& thing : due.things) {
      Json row{{"account_id", due.place.account_id}};
      PutText(row, "name", std::string(names[due.place.account_id]));
      row.update(ToJson(thing));
      json["due"].push_back(std::move(row));
    }
  }
  if (list.next.has_value()) json["next_cursor"] = CursorOf(*list.next);
  json["shards"] = MomentsToJson(*reader);
  return JsonResponse(json);
}

}  // namespace keyfold
