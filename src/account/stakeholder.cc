// Stakeholders: who they are by day, and whether the decision makers among them were met lately.
#include <algorithm>
#include <optional>
#include <vector>

#include "account/kinds.h"

namespace keyfold {
namespace {

// A meeting counts on its day and the 89 after it.
constexpr Day kMetDays = 90;

// [from, to), open-ended without `to`.
struct Spell {
  Day from;
  std::optional<Day> to;
};

// Whether the stakeholder is there, and as what, while events pass by.
class Presence {
 public:
  explicit Presence(Contributions& contributions) : contributions_(contributions) {}

  void Arrive(Day day) {
    if (!present_since_.has_value()) present_since_ = day;
  }

  // Returns false, and does nothing, where they have left already.
  bool Leave(Day day) {
    if (!present_since_.has_value()) return false;
    contributions_.AddInterval(Measure::kStakeholders, *present_since_, day, 1);
    present_since_.reset();
    EndDeciding(day);
    return true;
  }

  // The same.
  bool TakeRole(v1::StakeholderRole role, Day day) {
    if (!present_since_.has_value()) return false;
    if (role != v1::DECISION_MAKER) {
      EndDeciding(day);
    } else if (!deciding_since_.has_value()) {
      deciding_since_ = day;
    }
    return true;
  }

  // What has not ended goes on. Returns the spells as a decision maker, by day.
  std::vector<Spell> Finish() && {
    if (present_since_.has_value()) {
      contributions_.AddInterval(Measure::kStakeholders, *present_since_, std::nullopt, 1);
    }
    if (deciding_since_.has_value()) deciding_.push_back({*deciding_since_, std::nullopt});
    return std::move(deciding_);
  }

 private:
  void EndDeciding(Day day) {
    if (deciding_since_.has_value() && *deciding_since_ < day) deciding_.push_back({*deciding_since_, day});
    deciding_since_.reset();
  }

  Contributions& contributions_;
  std::optional<Day> present_since_;
  std::optional<Day> deciding_since_;
  std::vector<Spell> deciding_;
};

// The days on which a meeting was at most 89 days ago: spells by day that do not overlap.
std::vector<Spell> MetSpells(std::span<const Mention> mentions, const Calendar& calendar) {
  std::vector<Day> days;
  days.reserve(mentions.size());
  for (const Mention& mention : mentions) days.push_back(calendar.DayOf(mention.seconds));
  std::sort(days.begin(), days.end());
  std::vector<Spell> spells;
  for (Day day : days) {
    if (spells.empty() || *spells.back().to < day) {
      spells.push_back({day, day + kMetDays});
    } else {
      spells.back().to = day + kMetDays;
    }
  }
  return spells;
}

// decision_makers_met where both hold.
void AddMet(const std::vector<Spell>& deciding, const std::vector<Spell>& met, Contributions& contributions) {
  auto window = met.begin();
  for (const Spell& spell : deciding) {
    while (window != met.end() && *window->to <= spell.from) ++window;
    // A window may reach into the next spell too, so it is not used up here.
    for (auto next = window; next != met.end() && (!spell.to.has_value() || next->from < *spell.to); ++next) {
      const Day to = spell.to.has_value() ? std::min(*next->to, *spell.to) : *next->to;
      contributions.AddInterval(Measure::kDecisionMakersMet, std::max(next->from, spell.from), to, 1);
    }
  }
}

}  // namespace

void ContributeStakeholder(Events events, std::span<const Mention> mentions, const Calendar& calendar,
                           Contributions& contributions, Ignored ignored) {
  Presence presence(contributions);
  for (const v1::AccountEvent* event : events) {
    const Day day = DayOf(*event, calendar);
    switch (event->payload_case()) {
      case v1::AccountEvent::kStakeholderIdentified:
        presence.Arrive(day);
        presence.TakeRole(event->stakeholder_identified().role(), day);
        break;
      case v1::AccountEvent::kStakeholderUpdated:
        if (!presence.TakeRole(event->stakeholder_updated().role(), day)) ignored.Add(*event, NoEffect::kHasLeft);
        break;
      case v1::AccountEvent::kStakeholderLeft:
        if (!presence.Leave(day)) ignored.Add(*event, NoEffect::kHasLeft);
        break;
      default:
        break;
    }
  }
  const std::vector<Spell> deciding = std::move(presence).Finish();
  for (const Spell& spell : deciding) contributions.AddInterval(Measure::kDecisionMakers, spell.from, spell.to, 1);
  if (!deciding.empty() && !mentions.empty()) AddMet(deciding, MetSpells(mentions, calendar), contributions);
}

}  // namespace keyfold
