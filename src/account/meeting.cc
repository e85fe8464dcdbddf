// Meetings. Whom they were held with counts in the stakeholder.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

std::optional<Measure> MeetingsByKind(v1::MeetingKind kind) {
  switch (kind) {
    case v1::EXECUTIVE_REVIEW:
      return Measure::kExecutiveReviews;
    case v1::NEEDS_ANALYSIS:
      return Measure::kNeedsAnalyses;
    case v1::NEGOTIATION:
      return Measure::kNegotiations;
    default:
      return std::nullopt;
  }
}

}  // namespace

void ContributeMeeting(Events events, const Calendar& calendar, Contributions& contributions) {
  // Held and cancelled end a meeting, so the last event tells what became of it.
  const v1::AccountEvent& last = *events.back();
  if (last.has_meeting_held()) {
    const Day day = DayOf(last, calendar);
    contributions.Add(Measure::kMeetings, day, 1);
    if (const std::optional<Measure> measure = MeetingsByKind(last.meeting_held().kind())) {
      contributions.Add(*measure, day, 1);
    }
  } else if (last.has_meeting_scheduled()) {
    const Day planned = calendar.DayOf(last.meeting_scheduled().scheduled_for().seconds());
    contributions.Add(Measure::kMeetingsPlanned, planned, 1);
  }
}

}  // namespace keyfold
