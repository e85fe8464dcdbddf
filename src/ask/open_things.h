// What is open of an account at a date, and what falls due of many accounts in a period.
#ifndef KEYFOLD_ASK_OPEN_THINGS_H_
#define KEYFOLD_ASK_OPEN_THINGS_H_

#include <compare>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "account/entity.h"
#include "account/open.h"
#include "ask/json.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"

namespace keyfold {

struct OpenEntity {
  EntityRef entity;
  OpenThing thing;
};

// By kind, what is due first in front. nullopt: no shard has the account.
absl::StatusOr<std::optional<std::vector<OpenEntity>>> OpenThings(const ProjectionReader& reader,
                                                                  std::string_view account_id, Day day);

// Where something stands in the list of what falls due.
struct DuePlace {
  Day day = 0;
  std::string account_id = {};
  EntityKind kind = {};

  friend auto operator<=>(const DuePlace&, const DuePlace&) = default;
};

struct DueQuery {
  Day from = 0;
  Day to = 0;
  std::set<EntityKind> kinds;  // among DueKinds()
  std::optional<DuePlace> after = {};
  size_t limit = 50;
};

// What an account has that falls due on a day, of one kind.
struct Due {
  DuePlace place;
  std::vector<OpenEntity> things;
};

struct DueList {
  std::vector<Due> due;               // by day, then by account
  std::optional<DuePlace> next = {};  // more follow after this one
};

// Kinds whose due dates can be asked for: contracts end, quotes are valid until, opportunities are expected to close,
// deliveries are promised for, meetings planned for a day.
std::span<const EntityKind> DueKinds();

// What of these accounts falls due from `from` to `to`. Of each account it reads the days of the ledger that the period
// touches, and the entities of those that are shown: some microseconds for an account. An opportunity without an amount
// counts on no day, so it is not found. FailedPrecondition: a shard is missing.
absl::StatusOr<DueList> FindDue(const ProjectionReader& reader, std::span<const std::string> account_ids,
                                const DueQuery& query);

// {"kind":"contract","id":"C1","since":…,"due":…,"amount":{"currency_code":"EUR","minor":1234}, …}
Json ToJson(const OpenEntity& open);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_OPEN_THINGS_H_
