// Entities: what events edit, and what contributes to an account's days.
//
// An entity is the set of its events. Its state is the fold of the live ones (highest revision of each event_id, not
// retracted) in sort order, so it does not depend on the order of arrival. Everything here is pure: no I/O, no clock,
// and no failure on valid events.
#ifndef KEYFOLD_ACCOUNT_ENTITY_H_
#define KEYFOLD_ACCOUNT_ENTITY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "account/contribution.h"
#include "base/calendar.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// What events contribute, as this version of the code has it. To be raised with every change of it, so that shards that
// were built by another version are refused until they are rebuilt (tests/account/contributions_version_test.cc).
inline constexpr int kContributionsVersion = 1;

// Kinds of entities. Numbers are stored: never change or reuse one.
enum class EntityKind : uint8_t {
  kAccount = 1,
  kPlans = 2,
  kOrder = 3,
  kInvoice = 4,
  kCreditNote = 5,
  kCost = 6,
  kMeeting = 7,
  kStakeholder = 8,
  kEscalation = 9,
  kContract = 10,
  kQuote = 11,
  kOpportunity = 12,
  kForecast = 13,
  kSurvey = 14,
  kInitiative = 15,
  kRisk = 16,
  kFxRate = 17,  // of no account: (currency, month)
};

// "order", "credit_note" ...: for users.
std::string_view EntityKindName(EntityKind kind);

// An entity of an account. `id` is empty for the account and its plans; "USD 2025-01" for a rate.
struct EntityRef {
  EntityKind kind;
  std::string id;

  friend bool operator==(const EntityRef&, const EntityRef&) = default;
  friend auto operator<=>(const EntityRef&, const EntityRef&) = default;
};

// The entity that scopes the event's id. REQUIRES: a valid event whose payload is not clock_advanced.
EntityRef PrimaryEntity(const v1::AccountEvent& event);

// Whether an event of this type founds or ends its primary entity (docs/events.md, "Founding", "Terminal").
bool IsFounding(v1::AccountEvent::PayloadCase type);
bool IsTerminal(v1::AccountEvent::PayloadCase type);

// Sort order of an entity's events: occurred_at (nanoseconds), founding first and terminal last, event_id bytewise.
bool SortsBefore(const v1::AccountEvent& a, const v1::AccountEvent& b);

// A meeting_held that names a stakeholder, as the stakeholder keeps it.
struct Mention {
  std::string_view meeting_id;
  std::string_view event_id;
  int64_t seconds = 0;  // occurred_at, floored
};

// What an entity is made of.
struct EntityHistory {
  std::span<const v1::AccountEvent* const> events;  // live, in sort order
  std::span<const Mention> mentions;                // stakeholders only; any order
};

// Adds the entity's contributions. kFxRate contributes nothing.
void Contribute(EntityKind kind, const EntityHistory& history, const Calendar& calendar, Contributions& contributions);

// The same by themselves, summed by cell.
std::vector<Contribution> Contribute(EntityKind kind, const EntityHistory& history, const Calendar& calendar);

// What groups an account belongs to by. Empty: none.
struct AccountAttributes {
  std::string name;
  std::string segment;
  std::string region;
  std::string industry;
  std::string manager_id;
  std::string tier;       // STRATEGIC, KEY, GROWTH; of a key account, and only of one
  std::string parent_id;  // the corporate group
  friend bool operator==(const AccountAttributes&, const AccountAttributes&) = default;
};

// Attributes that hold from a day on, until the next span begins.
struct AttributeSpan {
  Day from;
  AccountAttributes attributes;
  friend bool operator==(const AttributeSpan&, const AttributeSpan&) = default;
};

// The attributes over time, days ascending: the latest event up to and including a day decides. Before the first span
// all are empty. `history` is that of the account's kAccount entity.
std::vector<AttributeSpan> AttributesOverTime(const EntityHistory& history, const Calendar& calendar);

// The attributes at a day.
AccountAttributes AttributesAt(std::span<const AttributeSpan> spans, Day day);

// The first day after `day` on which a span begins; nullopt: the attributes stay.
std::optional<Day> NextChange(std::span<const AttributeSpan> spans, Day day);

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_ENTITY_H_
