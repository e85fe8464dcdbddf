// An account's events, as its shard has them: of each event_id the highest revision, whether it has an effect or not.
#ifndef KEYFOLD_EXPLAIN_ACCOUNT_EVENTS_H_
#define KEYFOLD_EXPLAIN_ACCOUNT_EVENTS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "account/entity.h"
#include "account/without_effect.h"
#include "ask/json.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"
#include "explain/event_origin.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// Where an event stands in the list: by time, and what tells two of the same time apart.
struct EventPlace {
  int64_t seconds = 0;
  int32_t nanos = 0;
  EntityRef entity = {};
  std::string event_id = {};

  friend auto operator<=>(const EventPlace&, const EventPlace&) = default;
};

// Which events of an account are asked for: those that fulfil all of it.
struct EventQuery {
  std::string account_id;
  std::set<v1::AccountEvent::PayloadCase> types = {};  // one of these; empty: any
  std::optional<EntityKind> kind = {};                 // of the entity that they edit first
  std::optional<std::string> entity_id = {};
  std::optional<std::string> event_id = {};
  std::optional<Day> from = {};  // the days on which they occurred
  std::optional<Day> to = {};
  std::optional<EventPlace> before = {};  // older than this one
  size_t limit = 50;
};

struct FoundEvent {
  EventOrigin origin;
  v1::AccountEvent event;
  std::optional<NoEffect> without_effect;  // why; of one that was not retracted
};

struct FoundEvents {
  std::vector<FoundEvent> events;  // the latest first
  int64_t total = 0;               // that fulfil the query, whatever `before` and `limit`
  bool more = false;               // older ones follow
};

EventPlace PlaceOf(const FoundEvent& found);

// nullopt: no shard has the account. Looks at all events of the account.
absl::StatusOr<std::optional<FoundEvents>> FindEvents(const ProjectionReader& reader, const EventQuery& query);

// The event as the log has it: where it stands, whether it has an effect, and `payload`: the fields of its payload. Of
// a payload with lines only what they come to: `line_count`, and `net` by currency.
Json SummaryOf(const FoundEvent& found);

// The same with the whole event as `event`, in the JSON mapping of Protobuf.
Json ToJson(const FoundEvent& found);

// nullopt: there is no type of that name. What it is called is EventTypeName() (fold/cause.h).
std::optional<v1::AccountEvent::PayloadCase> EventTypeOf(std::string_view name);
std::vector<std::string_view> EventTypeNames();

// nullopt: accounts have no entities of that name.
std::optional<EntityKind> EntityKindOf(std::string_view name);

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_ACCOUNT_EVENTS_H_
