// Escalations: how many are open, and how long the customer waits for an answer and for a solution.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

struct Escalation {
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
  bool answered = false;
  int64_t answered_at = 0;  // epoch seconds of the first acknowledgement or resolution
  bool resolved = false;
  int64_t resolved_at = 0;  // epoch seconds of the resolution that holds

  // Each returns whether it changed anything.
  bool Answer(int64_t at) {
    if (answered) return false;
    answered_at = at;
    return answered = true;
  }

  bool Resolve(int64_t at) {
    if (resolved) return false;
    resolved_at = at;
    return resolved = true;
  }
};

void Apply(const v1::AccountEvent& event, const Calendar& calendar, Escalation& escalation,
           Contributions& contributions, Ignored ignored) {
  const int64_t at = SecondsOf(event);
  switch (event.payload_case()) {
    case v1::AccountEvent::kEscalationOpened:
      escalation.severity = event.escalation_opened().severity();
      break;
    case v1::AccountEvent::kEscalationAcknowledged:
      if (!escalation.Answer(at)) ignored.Add(event, NoEffect::kAlreadyAnswered);
      break;
    case v1::AccountEvent::kEscalationResolved:
      escalation.Answer(at);
      if (!escalation.Resolve(at)) ignored.Add(event, NoEffect::kAlreadyResolved);
      break;
    case v1::AccountEvent::kEscalationReopened:
      if (escalation.resolved) {
        contributions.Add(Measure::kReopened, calendar.DayOf(at), 1);
      } else {
        ignored.Add(event, NoEffect::kAlreadyOpen);
      }
      escalation.resolved = false;
      break;
    default:
      break;
  }
}

}  // namespace

void ContributeEscalation(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  Escalation escalation;
  for (const v1::AccountEvent* event : events) Apply(*event, calendar, escalation, contributions, ignored);

  const int64_t opened_at = SecondsOf(*events.front());
  const Day opened = calendar.DayOf(opened_at);
  std::optional<Day> resolved;
  if (escalation.resolved) {
    const int64_t seconds = escalation.resolved_at - opened_at;
    resolved = calendar.DayOf(escalation.resolved_at);
    contributions.Add(Measure::kEscalationsResolved, *resolved, 1);
    contributions.Add(Measure::kResolutionSeconds, *resolved, seconds);
    contributions.AddToHistogram(ResolutionBin(seconds), *resolved, 1);
  }
  if (escalation.answered) {
    const Day answered = calendar.DayOf(escalation.answered_at);
    contributions.Add(Measure::kAcknowledged, answered, 1);
    contributions.Add(Measure::kAcknowledgeSeconds, answered, escalation.answered_at - opened_at);
  }
  contributions.Add(Measure::kEscalationsOpened, opened, 1);
  contributions.AddInterval(Measure::kEscalationsOpen, opened, resolved, 1);
  contributions.AddInterval(Measure::kEscalationsOpenSince, opened, resolved, opened_at);
  if (IsSevere(escalation.severity)) {
    contributions.AddInterval(Measure::kEscalationsSevereOpen, opened, resolved, 1);
  }
}

}  // namespace keyfold
