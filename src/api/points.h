// Values of accounts and groups at given days, from the shards: those here, and of groups also those elsewhere.
#ifndef KEYFOLD_API_POINTS_H_
#define KEYFOLD_API_POINTS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/elsewhere.h"
#include "api/question.h"
#include "ask/json.h"
#include "ask/projection_reader.h"

namespace keyfold {

// At which days, where the shards have reached `last`.
using DaysUpTo = std::function<absl::StatusOr<std::vector<Day>>(Day last)>;

// `from` to `to` (the date that the shards have reached) in steps of `step` (months).
absl::StatusOr<std::vector<Day>> ReadDays(const ApiQuestion& question, Day last);

struct Points {
  Json json = Json::array();  // [{"as_of":"2026-01-05","kpis":{…},"missing_rates":[]}]; of a group with `accounts`
  std::vector<ShardMoment> moments;
};

// By the definitions of `catalog`, the question's or one that extends it. REQUIRES: nobody else has the account's
// shard. Unavailable: it is in none of the shards here.
absl::StatusOr<Points> PointsOfAccount(const ApiQuestion& question, const Catalog& catalog, const std::string& id,
                                       const DaysUpTo& days_up_to, std::span<const uint16_t> kpis);

// `target` is where other gateways are asked for their shares. NotFound: nobody belongs to the group.
absl::StatusOr<Points> PointsOfGroup(const ApiQuestion& question, const HttpTarget& target, const Catalog& catalog,
                                     const std::string& id, const DaysUpTo& days_up_to, std::span<const uint16_t> kpis);

// What the shards here know of the group, for other gateways. All that is passed outlives what is returned.
ShareReader SeriesShareReader(const Catalog& catalog, const std::string& id, const DaysUpTo& days_up_to);

absl::Status NoMembers(const std::string& id);
absl::Status NoShare();  // what another gateway answers is none of what it was asked for

}  // namespace keyfold

#endif  // KEYFOLD_API_POINTS_H_
