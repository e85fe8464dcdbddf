// The account itself: customer and key account spells, potential, and the attributes that group it.
#include <algorithm>
#include <iterator>
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

// Whether something holds, and since when.
struct Status {
  bool holds = false;
  Day since = 0;

  // Returns whether it did not hold before.
  bool Begin(Day day) {
    if (holds) return false;
    *this = {true, day};
    return true;
  }
};

// The account as a customer and as a key account, while events pass by. A key account is always a customer. What an
// event does returns whether it changed anything.
class Relationship {
 public:
  explicit Relationship(Contributions& contributions) : contributions_(contributions) {}

  // Opening counts once: after a churn it does not win the customer back.
  bool Open(Day day) { return !was_customer_ && BecomeCustomer(day); }

  bool BecomeCustomer(Day day) {
    was_customer_ = true;
    return customer_.Begin(day);
  }

  void Designate(Day day) {
    BecomeCustomer(day);
    key_account_.Begin(day);
  }

  bool Release(Day day) { return End(Measure::kKeyAccount, day, key_account_); }

  bool Churn(Day day) {
    if (End(Measure::kKeyAccount, day, key_account_)) contributions_.Add(Measure::kChurnedKey, day, 1);
    return End(Measure::kCustomer, day, customer_);
  }

  // What has not ended goes on.
  void Finish() {
    End(Measure::kCustomer, std::nullopt, customer_);
    End(Measure::kKeyAccount, std::nullopt, key_account_);
  }

 private:
  bool End(Measure measure, std::optional<Day> day, Status& status) {
    if (!status.holds) return false;
    contributions_.AddInterval(measure, status.since, day, 1);
    status.holds = false;
    return true;
  }

  Contributions& contributions_;
  bool was_customer_ = false;
  Status customer_;
  Status key_account_;
};

// The assessment in force, over [from, to).
void AddAssessment(const v1::PotentialAssessed& assessment, Day from, std::optional<Day> to,
                   Contributions& contributions) {
  const v1::Money& potential = assessment.annual_potential();
  contributions.AddInterval(Measure::kPotential, CurrencyOf(potential), from, to, potential.minor());
  contributions.AddInterval(Measure::kImportance, from, to, assessment.strategic_importance());
}

// Empty is unchanged. `Classification` is account_opened or account_classified.
template <typename Classification>
void Classify(const Classification& classification, AccountAttributes& attributes) {
  if (!classification.name().empty()) attributes.name = classification.name();
  if (!classification.segment().empty()) attributes.segment = classification.segment();
  if (!classification.region().empty()) attributes.region = classification.region();
  if (!classification.industry().empty()) attributes.industry = classification.industry();
  if (!classification.parent_id().empty()) attributes.parent_id = classification.parent_id();
}

template <typename Classification>
bool NamesNothing(const Classification& classification) {
  return classification.name().empty() && classification.segment().empty() && classification.region().empty() &&
         classification.industry().empty() && classification.parent_id().empty();
}

// What an event makes of the attributes.
void Apply(const v1::AccountEvent& event, AccountAttributes& attributes) {
  switch (event.payload_case()) {
    case v1::AccountEvent::kAccountOpened:
      Classify(event.account_opened(), attributes);
      break;
    case v1::AccountEvent::kAccountClassified:
      Classify(event.account_classified(), attributes);
      break;
    case v1::AccountEvent::kManagerAssigned:
      attributes.manager_id = event.manager_assigned().manager_id();
      break;
    case v1::AccountEvent::kKeyAccountDesignated:
      attributes.tier = v1::KeyAccountDesignated::Tier_Name(event.key_account_designated().tier());
      break;
    case v1::AccountEvent::kKeyAccountReleased:
    case v1::AccountEvent::kAccountChurned:  // one that is ignored finds no tier: a tier makes a customer
      attributes.tier.clear();
      break;
    default:
      break;
  }
}

auto FirstAfter(std::span<const AttributeSpan> spans, Day day) {
  return std::upper_bound(spans.begin(), spans.end(), day,
                          [](Day at, const AttributeSpan& span) { return at < span.from; });
}

}  // namespace

void ContributeAccount(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  Relationship relationship(contributions);
  const v1::PotentialAssessed* assessment = nullptr;
  Day assessed = 0;
  for (const v1::AccountEvent* event : events) {
    const Day day = DayOf(*event, calendar);
    switch (event->payload_case()) {
      case v1::AccountEvent::kAccountOpened:
        if (!relationship.Open(day) && NamesNothing(event->account_opened())) {
          ignored.Add(*event, NoEffect::kAlreadyCustomer);
        }
        break;
      case v1::AccountEvent::kAccountClassified:  // an attribute only
        if (NamesNothing(event->account_classified())) ignored.Add(*event, NoEffect::kNamesNothing);
        break;
      case v1::AccountEvent::kAccountReactivated:
        if (!relationship.BecomeCustomer(day)) ignored.Add(*event, NoEffect::kAlreadyCustomer);
        break;
      case v1::AccountEvent::kKeyAccountDesignated:
        relationship.Designate(day);
        break;
      case v1::AccountEvent::kKeyAccountReleased:
        if (!relationship.Release(day)) ignored.Add(*event, NoEffect::kNoKeyAccount);
        break;
      case v1::AccountEvent::kAccountChurned:
        if (!relationship.Churn(day)) ignored.Add(*event, NoEffect::kNoCustomer);
        break;
      case v1::AccountEvent::kPotentialAssessed:
        if (assessment != nullptr) AddAssessment(*assessment, assessed, day, contributions);
        assessment = &event->potential_assessed();
        assessed = day;
        break;
      default:
        break;  // the manager is an attribute only
    }
  }
  relationship.Finish();
  if (assessment != nullptr) AddAssessment(*assessment, assessed, std::nullopt, contributions);
}

std::vector<AttributeSpan> AttributesOverTime(const EntityHistory& history, const Calendar& calendar) {
  std::vector<AttributeSpan> spans;
  AccountAttributes attributes;
  for (const v1::AccountEvent* event : history.events) {
    const AccountAttributes before = attributes;
    Apply(*event, attributes);
    if (attributes == before) continue;
    const Day day = DayOf(*event, calendar);
    if (spans.empty() || spans.back().from < day) spans.push_back({day, {}});
    spans.back().attributes = attributes;
  }
  return spans;
}

AccountAttributes AttributesAt(std::span<const AttributeSpan> spans, Day day) {
  const auto later = FirstAfter(spans, day);
  return later == spans.begin() ? AccountAttributes() : std::prev(later)->attributes;
}

std::optional<Day> NextChange(std::span<const AttributeSpan> spans, Day day) {
  const auto later = FirstAfter(spans, day);
  return later == spans.end() ? std::nullopt : std::optional(later->from);
}

}  // namespace keyfold
