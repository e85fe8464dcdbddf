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

  void Begin(Day day) {
    if (!holds) *this = {true, day};
  }
};

// The account as a customer and as a key account, while events pass by. A key account is always a customer.
class Relationship {
 public:
  explicit Relationship(Contributions& contributions) : contributions_(contributions) {}

  // Opening counts once: after a churn it does not win the customer back.
  void Open(Day day) {
    if (!was_customer_) BecomeCustomer(day);
  }

  void BecomeCustomer(Day day) {
    was_customer_ = true;
    customer_.Begin(day);
  }

  void Designate(Day day) {
    BecomeCustomer(day);
    key_account_.Begin(day);
  }

  void Release(Day day) { End(Measure::kKeyAccount, day, key_account_); }

  void Churn(Day day) {
    if (key_account_.holds) contributions_.Add(Measure::kChurnedKey, day, 1);
    End(Measure::kKeyAccount, day, key_account_);
    End(Measure::kCustomer, day, customer_);
  }

  // What has not ended goes on.
  void Finish() {
    End(Measure::kCustomer, std::nullopt, customer_);
    End(Measure::kKeyAccount, std::nullopt, key_account_);
  }

 private:
  void End(Measure measure, std::optional<Day> day, Status& status) {
    if (status.holds) contributions_.AddInterval(measure, status.since, day, 1);
    status.holds = false;
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

void ContributeAccount(Events events, const Calendar& calendar, Contributions& contributions) {
  Relationship relationship(contributions);
  const v1::PotentialAssessed* assessment = nullptr;
  Day assessed = 0;
  for (const v1::AccountEvent* event : events) {
    const Day day = DayOf(*event, calendar);
    switch (event->payload_case()) {
      case v1::AccountEvent::kAccountOpened:
        relationship.Open(day);
        break;
      case v1::AccountEvent::kAccountReactivated:
        relationship.BecomeCustomer(day);
        break;
      case v1::AccountEvent::kKeyAccountDesignated:
        relationship.Designate(day);
        break;
      case v1::AccountEvent::kKeyAccountReleased:
        relationship.Release(day);
        break;
      case v1::AccountEvent::kAccountChurned:
        relationship.Churn(day);
        break;
      case v1::AccountEvent::kPotentialAssessed:
        if (assessment != nullptr) AddAssessment(*assessment, assessed, day, contributions);
        assessment = &event->potential_assessed();
        assessed = day;
        break;
      default:
        break;  // classification and manager are attributes only
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
