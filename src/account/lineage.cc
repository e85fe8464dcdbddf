#include "account/lineage.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "base/wrapping.h"

namespace keyfold {
namespace {

// after - before, both summed: by cell, none that is zero.
std::vector<Contribution> Difference(const std::vector<Contribution>& after, std::vector<Contribution> before) {
  for (Contribution& contribution : before) contribution.amount = WrappingNegate(contribution.amount);
  before.insert(before.end(), after.begin(), after.end());
  return Summed(std::move(before));
}

// Takes the history in bit by bit.
class Shares {
 public:
  Shares(EntityKind kind, const Calendar& calendar) : kind_(kind), calendar_(calendar) {}

  void Take(const EntityHistory& history, const v1::AccountEvent* event, const Mention* mention) {
    std::vector<Contribution> after = Contribute(kind_, history, calendar_);
    for (const Contribution& contribution : Difference(after, std::move(before_))) {
      shares_.push_back({event, mention, contribution});
    }
    before_ = std::move(after);
  }

  std::vector<EventShare> Finish() && { return std::move(shares_); }

 private:
  EntityKind kind_;
  const Calendar& calendar_;
  std::vector<Contribution> before_;
  std::vector<EventShare> shares_;
};

}  // namespace

std::vector<EventShare> ContributeByEvent(EntityKind kind, const EntityHistory& history, const Calendar& calendar) {
  Shares shares(kind, calendar);
  for (size_t count = 1; count <= history.events.size(); ++count) {
    shares.Take({history.events.first(count), {}}, history.events[count - 1], nullptr);
  }
  std::vector<const Mention*> order;
  for (const Mention& mention : history.mentions) order.push_back(&mention);
  std::sort(order.begin(), order.end(), [](const Mention* a, const Mention* b) {
    return std::tuple(a->seconds, a->meeting_id, a->event_id) < std::tuple(b->seconds, b->meeting_id, b->event_id);
  });
  std::vector<Mention> mentions;
  for (const Mention* mention : order) {
    mentions.push_back(*mention);
    shares.Take({history.events, mentions}, nullptr, mention);
  }
  return std::move(shares).Finish();
}

}  // namespace keyfold
