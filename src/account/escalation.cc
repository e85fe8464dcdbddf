// Escalations: how many are open, and how long the customer waits for an answer and for a solution.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

struct Escalation {
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
  std::optional<int64_t> answered;  // epoch seconds of the first acknowledgement or resolution
  std::optional<int64_t> resolved;  // epoch seconds; none while open
};

void Apply(const v1::AccountEvent& event, const Calendar& calendar, Escalation& escalation,
           Contributions& contributions) {
  const int64_t at = SecondsOf(event);
  switch (event.payload_case()) {
    case v1::AccountEvent::kEscalationOpened:
      escalation.severity = event.escalation_opened().severity();
      break;
    case v1::AccountEvent::kEscalationAcknowledged:
      if (!escalation.answered.has_value()) escalation.answered = at;
      break;
    case v1::AccountEvent::kEscalationResolved:
      if (!escalation.answered.has_value()) escalation.answered = at;
      if (!escalation.resolved.has_value()) escalation.resolved = at;
      break;
    case v1::AccountEvent::kEscalationReopened:
      if (escalation.resolved.has_value()) contributions.Add(Measure::kReopened, calendar.DayOf(at), 1);
      escalation.resolved.reset();
      break;
    default:
      break;
  }
}

}  // namespace

void ContributeEscalation(Events events, const Calendar& calendar, Contributions& contributions) {
  Escalation escalation;
  for (const v1::AccountEvent* event : events) Apply(*event, calendar, escalation, contributions);

  const int64_t opened_at = SecondsOf(*events.front());
  const Day opened = calendar.DayOf(opened_at);
  std::optional<Day> resolved;
  if (escalation.resolved.has_value()) {
    const int64_t seconds = *escalation.resolved - opened_at;
    resolved = calendar.DayOf(*escalation.resolved);
    contributions.Add(Measure::kEscalationsResolved, *resolved, 1);
    contributions.Add(Measure::kResolutionSeconds, *resolved, seconds);
    contributions.AddToHistogram(ResolutionBin(seconds), *resolved, 1);
  }
  if (escalation.answered.has_value()) {
    const Day answered = calendar.DayOf(*escalation.answered);
    contributions.Add(Measure::kAcknowledged, answered, 1);
    contributions.Add(Measure::kAcknowledgeSeconds, answered, *escalation.answered - opened_at);
  }
  contributions.Add(Measure::kEscalationsOpened, opened, 1);
  contributions.AddInterval(Measure::kEscalationsOpen, opened, resolved, 1);
  contributions.AddInterval(Measure::kEscalationsOpenSince, opened, resolved, opened_at);
  if (IsSevere(escalation.severity)) {
    contributions.AddInterval(Measure::kEscalationsSevereOpen, opened, resolved, 1);
  }
}

}  // namespace keyfold
