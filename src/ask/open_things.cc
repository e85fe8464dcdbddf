#include "ask/open_things.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "state/entity_reader.h"
#include "state/store_keys.h"

namespace keyfold {
namespace {

// What counts on the day that something falls due, or `later` days after it.
struct DueMeasure {
  Measure measure;
  EntityKind kind;
  Day later;
};

constexpr DueMeasure kDueMeasures[] = {
    {Measure::kContractsDue, EntityKind::kContract, 0},       {Measure::kTerminations, EntityKind::kContract, 0},
    {Measure::kContractsActive, EntityKind::kContract, 1},    {Measure::kQuotesExpired, EntityKind::kQuote, 1},
    {Measure::kPipelineOverdue, EntityKind::kOpportunity, 1}, {Measure::kDeliveriesPromised, EntityKind::kOrder, 1},
    {Measure::kMeetingsPlanned, EntityKind::kMeeting, 0},
};

constexpr size_t kKeysAtOnce = 1'024;

int BlockWith(Day day) { return (day + kLedgerDayBias) / kLedgerBlockDays; }

// Where things may fall due, by what the ledgers of accounts say.
class DuePlaces {
 public:
  explicit DuePlaces(const DueQuery& query) : query_(query) {}

  // The accounts' ids are sorted, so their keys are in the order of ids of one length: MultiGet() wants them sorted.
  absl::Status Read(const ShardStore& store, size_t shard, std::span<const std::string> account_ids) {
    std::vector<std::pair<std::string, const std::string*>> keys;
    for (const std::string& id : account_ids) {
      for (int block = BlockWith(query_.from); block <= BlockWith(query_.to + 1); ++block) {
        keys.emplace_back(LedgerBlockKey(id, block), &id);
      }
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::string> some;
    for (size_t begin = 0; begin < keys.size(); begin += some.size()) {
      some.clear();
      for (size_t i = begin; i < std::min(keys.size(), begin + kKeysAtOnce); ++i) some.push_back(keys[i].first);
      KEYFOLD_ASSIGN_OR_RETURN(const auto blocks, store.MultiGet(some));
      for (size_t i = 0; i < blocks.size(); ++i) {
        if (!blocks[i].has_value()) continue;
        KEYFOLD_RETURN_IF_ERROR(Take(some[i], *blocks[i], *keys[begin + i].second, shard));
      }
    }
    return absl::OkStatus();
  }

  const std::set<DuePlace>& places() const { return places_; }
  size_t ShardOf(const std::string& account_id) const { return shards_.at(account_id); }

 private:
  absl::Status Take(const std::string& key, std::string_view block, const std::string& account_id, size_t shard) {
    cells_.clear();
    if (!UnpackLedgerBlock(BlockOf(key), block, cells_)) {
      return absl::DataLossError(absl::StrCat("account '", account_id, "': its ledger is damaged"));
    }
    for (const Contribution& contribution : cells_) {
      for (const DueMeasure& due : kDueMeasures) {
        const Day day = contribution.cell.day - due.later;
        if (due.measure != contribution.cell.measure || day < query_.from || day > query_.to) continue;
        if (!query_.kinds.contains(due.kind)) continue;
        DuePlace place{day, account_id, due.kind};
        if (query_.after.has_value() && !(*query_.after < place)) continue;
        shards_.try_emplace(account_id, shard);
        places_.insert(std::move(place));
      }
    }
    return absl::OkStatus();
  }

  const DueQuery& query_;
  std::set<DuePlace> places_;
  absl::flat_hash_map<std::string, size_t> shards_;  // of accounts in places_
  std::vector<Contribution> cells_;
};

// What is open of the account's entities of these kinds, each at the day that `day_of` says.
absl::Status VisitOpen(const ShardStore& store, const Calendar& calendar, std::string_view account_id,
                       const std::function<bool(EntityKind)>& wants, Day day,
                       const std::function<void(OpenEntity)>& visit) {
  return VisitEntities(store, account_id, wants, [&](const EntityRecord& entity) {
    std::optional<OpenThing> thing = OpenAt(entity.ref.kind, entity.history, calendar, day);
    if (thing.has_value()) visit({entity.ref, *std::move(thing)});
  });
}

bool DueBefore(const OpenEntity& a, const OpenEntity& b) {
  constexpr Day kNever = std::numeric_limits<Day>::max();
  const Day a_due = a.thing.due.value_or(kNever);
  const Day b_due = b.thing.due.value_or(kNever);
  return std::tie(a.entity.kind, a_due, a.thing.since, a.entity.id) <
         std::tie(b.entity.kind, b_due, b.thing.since, b.entity.id);
}

Json ToJson(const OpenThing::Amount& amount) {
  return {{"currency_code", amount.currency.code()}, {"minor", amount.minor}};
}

}  // namespace

absl::StatusOr<std::optional<std::vector<OpenEntity>>> OpenThings(const ProjectionReader& reader,
                                                                  std::string_view account_id, Day day) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<AccountRecord> account, reader.ReadAccount(account_id));
  if (!account.has_value()) return std::nullopt;
  std::vector<OpenEntity> things;
  KEYFOLD_RETURN_IF_ERROR(VisitOpen(*reader.shards()[account->shard].store, reader.catalog().calendar(), account_id,
                                    MayBeOpen, day, [&things](OpenEntity open) { things.push_back(std::move(open)); }));
  std::sort(things.begin(), things.end(), DueBefore);
  return things;
}

std::span<const EntityKind> DueKinds() {
  static constexpr EntityKind kKinds[] = {EntityKind::kContract, EntityKind::kQuote, EntityKind::kOpportunity,
                                          EntityKind::kOrder, EntityKind::kMeeting};
  return kKinds;
}

absl::StatusOr<DueList> FindDue(const ProjectionReader& reader, std::span<const std::string> account_ids,
                                const DueQuery& query) {
  KEYFOLD_RETURN_IF_ERROR(reader.CheckComplete());
  DuePlaces places(query);
  for (size_t i = 0; i < reader.shards().size(); ++i) {
    KEYFOLD_RETURN_IF_ERROR(places.Read(*reader.shards()[i].store, i, account_ids));
  }
  DueList list;
  for (const DuePlace& place : places.places()) {
    if (list.due.size() == query.limit) {
      list.next = list.due.back().place;
      break;
    }
    // As it stands on that day: what a ledger says may be of something that has been delivered, or of one that begins.
    Due due{place, {}};
    const auto take = [&due](OpenEntity open) {
      if (open.thing.due == due.place.day) due.things.push_back(std::move(open));
    };
    const ShardStore& store = *reader.shards()[places.ShardOf(place.account_id)].store;
    KEYFOLD_RETURN_IF_ERROR(VisitOpen(
        store, reader.catalog().calendar(), place.account_id, [&place](EntityKind kind) { return kind == place.kind; },
        place.day, take));
    std::sort(due.things.begin(), due.things.end(), DueBefore);
    if (!due.things.empty()) list.due.push_back(std::move(due));
  }
  return list;
}

Json ToJson(const OpenEntity& open) {
  const OpenThing& thing = open.thing;
  Json json{{"kind", EntityKindName(open.entity.kind)}};
  PutText(json, "id", open.entity.id);
  json["since"] = FormatDay(thing.since);
  if (thing.due.has_value()) json["due"] = FormatDay(*thing.due);
  if (thing.overdue) json["overdue"] = true;
  if (thing.amount.has_value()) json["amount"] = ToJson(*thing.amount);
  if (thing.weighted.has_value()) json["weighted"] = ToJson(*thing.weighted);
  PutText(json, "type", thing.type);
  PutText(json, "severity", thing.severity);
  PutText(json, "department", thing.department);
  PutText(json, "stage", thing.stage);
  PutText(json, "title", thing.title);
  if (thing.probability.has_value()) json["probability"] = *thing.probability;
  if (thing.acknowledged.has_value()) json["acknowledged"] = *thing.acknowledged;
  if (thing.terminated.has_value()) json["terminated"] = *thing.terminated;
  if (thing.target_growth.has_value()) json["target_growth"] = *thing.target_growth;
  if (thing.min_margin.has_value()) json["min_margin"] = *thing.min_margin;
  return json;
}

}  // namespace keyfold
