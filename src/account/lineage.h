// Where contributions come from: which event of an entity put what on which day, and by which rule.
//
// An event's share is what it changes: the contributions of the events up to it in sort order, less those of the events
// before it. So the shares of an entity's events add up to its contributions whatever its fold does, those of a kind
// that is added later included; an event without effect has none.
#ifndef KEYFOLD_ACCOUNT_LINEAGE_H_
#define KEYFOLD_ACCOUNT_LINEAGE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "account/contribution.h"
#include "account/entity.h"
#include "account/measure.h"
#include "base/calendar.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// A contribution and what brought it: an event of the history, or a mention of it. The other one is null.
struct EventShare {
  const v1::AccountEvent* event = nullptr;
  const Mention* mention = nullptr;
  Contribution contribution;
};

// Event by event in sort order, then mention by mention by time; of each, by cell. They sum to Contribute(). Takes time
// in the square of the number of events.
std::vector<EventShare> ContributeByEvent(EntityKind kind, const EntityHistory& history, const Calendar& calendar);

// Whether entities of this kind contribute to the measure at all.
bool MayContribute(EntityKind kind, Measure measure);

// What is contributed to the measure, and on which day, in a sentence (docs/events.md, "What each entity contributes").
std::string_view RuleOf(Measure measure);

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_LINEAGE_H_
