// The account itself: customer and key account spells, potential, and the attributes that group it.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

// Since when the account is a customer and a key account. A key account is always a customer.
class Relationship {
 public:
  explicit Relationship(Contributions& contributions) : contributions_(contributions) {}

  // Opening counts once: after a churn it does not win the customer back.
  void Open(Day day) {
    if (!was_customer_) BecomeCustomer(day);
  }

  void BecomeCustomer(Day day) {
    was_customer_ = true;
    if (!customer_since_.has_value()) customer_since_ = day;
  }

  void Designate(Day day) {
    BecomeCustomer(day);
    if (!key_since_.has_value()) key_since_ = day;
  }

  void Release(Day day) {
    if (!key_since_.has_value()) return;
    contributions_.AddInterval(Measure::kKeyAccount, *key_since_, day, 1);
    key_since_.reset();
  }

  void Churn(Day day) {
    if (!customer_since_.has_value()) return;
    contributions_.AddInterval(Measure::kCustomer, *customer_since_, day, 1);
    customer_since_.reset();
    if (key_since_.has_value()) contributions_.Add(Measure::kChurnedKey, day, 1);
    Release(day);
  }

  // What has not ended goes on.
  void Finish() {
    if (customer_since_.has_value()) contributions_.AddInterval(Measure::kCustomer, *customer_since_, std::nullopt, 1);
    if (key_since_.has_value()) contributions_.AddInterval(Measure::kKeyAccount, *key_since_, std::nullopt, 1);
  }

 private:
  Contributions& contributions_;
  bool was_customer_ = false;
  std::optional<Day> customer_since_;
  std::optional<Day> key_since_;
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

AccountAttributes AttributesAt(const EntityHistory& history, Day day, const Calendar& calendar) {
  AccountAttributes attributes;
  for (const v1::AccountEvent* event : history.events) {
    if (DayOf(*event, calendar) > day) continue;
    switch (event->payload_case()) {
      case v1::AccountEvent::kAccountOpened:
        Classify(event->account_opened(), attributes);
        break;
      case v1::AccountEvent::kAccountClassified:
        Classify(event->account_classified(), attributes);
        break;
      case v1::AccountEvent::kManagerAssigned:
        attributes.manager_id = event->manager_assigned().manager_id();
        break;
      case v1::AccountEvent::kKeyAccountDesignated:
        attributes.tier = v1::KeyAccountDesignated::Tier_Name(event->key_account_designated().tier());
        break;
      case v1::AccountEvent::kKeyAccountReleased:
      case v1::AccountEvent::kAccountChurned:  // one that is ignored finds no tier: a tier makes a customer
        attributes.tier.clear();
        break;
      default:
        break;
    }
  }
  return attributes;
}

}  // namespace keyfold
