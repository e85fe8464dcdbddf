// Events that are stored but change nothing in the fold of their entity, and why.
//
// A pure function of the entity's history, told by the same folds that make its contributions: without such events they
// are the same.
#ifndef KEYFOLD_ACCOUNT_WITHOUT_EFFECT_H_
#define KEYFOLD_ACCOUNT_WITHOUT_EFFECT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "account/entity.h"
#include "base/calendar.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// X(enumerator, name). Names are told to users: never change one.
//
//   never_founded      its entity has no founding event
//   before_founding    it sorts before its entity's founding event
//   after_terminal     its entity has ended, or is closed at that point
//   names_nothing      a change without any field that it would change
//   no_customer        the churn of an account that is no customer
//   already_customer   opening or reactivating a customer
//   no_key_account     the release of one that is no key account
//   unknown_plan       closing a plan that was not approved
//   already_closed     closing a plan that is closed
//   already_delivered  the first delivery counts
//   has_left           the stakeholder is gone
//   already_answered   the first acknowledgement or resolution counts
//   already_resolved   resolving what is resolved
//   already_open       reopening what is open
//   open_ended         renewing a contract without an end
//   ends_no_later      a renewal up to a day that was covered
//   after_expiry       rejecting a quote that is no longer valid
//   after_month_began  a forecast that came too late
//   already_cleared    clearing a risk that is cleared
#define KEYFOLD_NO_EFFECTS(X)              \
  X(NeverFounded, "never_founded")         \
  X(BeforeFounding, "before_founding")     \
  X(AfterTerminal, "after_terminal")       \
  X(NamesNothing, "names_nothing")         \
  X(NoCustomer, "no_customer")             \
  X(AlreadyCustomer, "already_customer")   \
  X(NoKeyAccount, "no_key_account")        \
  X(UnknownPlan, "unknown_plan")           \
  X(AlreadyClosed, "already_closed")       \
  X(AlreadyDelivered, "already_delivered") \
  X(HasLeft, "has_left")                   \
  X(AlreadyAnswered, "already_answered")   \
  X(AlreadyResolved, "already_resolved")   \
  X(AlreadyOpen, "already_open")           \
  X(OpenEnded, "open_ended")               \
  X(EndsNoLater, "ends_no_later")          \
  X(AfterExpiry, "after_expiry")           \
  X(AfterMonthBegan, "after_month_began")  \
  X(AlreadyCleared, "already_cleared")

enum class NoEffect : uint8_t {
#define KEYFOLD_NO_EFFECT_ENUMERATOR(name, text) k##name,
  KEYFOLD_NO_EFFECTS(KEYFOLD_NO_EFFECT_ENUMERATOR)
#undef KEYFOLD_NO_EFFECT_ENUMERATOR
};

std::string_view NoEffectName(NoEffect reason);

struct WithoutEffect {
  const v1::AccountEvent* event;  // one of the history
  NoEffect reason;
};

// In sort order. A meeting_held that names stakeholders is none of these, whatever became of the meeting: it counts for
// them.
std::vector<WithoutEffect> EventsWithoutEffect(EntityKind kind, const EntityHistory& history, const Calendar& calendar);

}  // namespace keyfold

#endif  // KEYFOLD_ACCOUNT_WITHOUT_EFFECT_H_
