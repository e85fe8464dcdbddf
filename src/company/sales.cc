// Orders and what is invoiced for them, what serving the account costs, and what is expected of it.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/milliseconds.h"
#include "company/life.h"

namespace keyfold {
namespace {

struct Product {
  const char* id;
  const char* category;
  int margin;  // beside the account's, per mille
};

// The first ones are what everybody buys.
constexpr Product kProducts[] = {
    {"servo-drive-400", "drives", -40},   {"servo-drive-750", "drives", -30},   {"gear-unit-20", "drives", -60},
    {"controller-s7", "controllers", 20}, {"controller-m3", "controllers", 10}, {"proximity-sensor", "sensors", 40},
    {"vision-sensor", "sensors", 60},     {"cabinet-800", "cabinets", -90},     {"spare-parts-kit", "spare parts", 90},
    {"maintenance-visit", "service", 30}, {"remote-support", "service", 120},   {"monitoring-licence", "licences", 220},
    {"safety-scanner", "sensors", 50},    {"drive-upgrade", "drives", 20},      {"operator-training", "training", 60},
};
constexpr int64_t kEssentials = 9;

// By month, per mille of the mean.
constexpr int64_t kSeason[] = {950, 980, 1060, 1010, 1020, 1040, 960, 880, 1050, 1060, 1050, 940};

constexpr int64_t kYearMs = 365 * kDayMs;
constexpr int64_t kHurriedShare = 10;  // of its size has an order when it is hurried

int64_t SeasonOf(Day day) { return kSeason[MonthOf(day) % static_cast<int64_t>(std::size(kSeason))]; }

}  // namespace

bool Life::PerformSale(v1::AccountEvent& event) {
  event.set_source("erp");
  switch (step_.act) {
    case Act::kBringIn:
      return BringIn(event), true;
    case Act::kPlaceOrder:
      return PlaceOrder(event), true;
    case Act::kPostponeOrder:
      return PostponeOrder(event), true;
    case Act::kCancelOrder:
      return CancelOrder(event), true;
    case Act::kDeliverOrder:
      return DeliverOrder(event), true;
    case Act::kIssueInvoice:
      return IssueInvoice(event), true;
    case Act::kCorrectInvoice:
      return CorrectInvoice(event), true;
    case Act::kIssueCreditNote:
      return IssueCreditNote(event), true;
    case Act::kBookServiceCost:
    case Act::kBookAcquisitionCost:
      return BookCost(event), true;
    case Act::kSubmitForecast:
      return SubmitForecast(event), true;
    default:
      return false;
  }
}

// Beyond the essentials it is cross-selling; of these, now and then, a larger one.
v1::SaleType Life::SaleTypeOf(int64_t product) {
  if (product >= kEssentials) return random_.Chance(250) ? v1::BUNDLE : v1::CROSS_SELL;
  if (random_.Chance(70)) return v1::UP_SELL;
  return random_.Chance(40) ? v1::RENEWAL : v1::BASE;
}

void Life::SetLines(int64_t amount, google::protobuf::RepeatedPtrField<v1::Line>& lines) {
  constexpr int64_t kProductsMax = std::size(kProducts);
  // Per mille of the lines; the one that grows buys ever more besides.
  int beyond = 90;
  if (member_->story == Story::kGrowing) beyond += 560 * std::max(0, Today() - from_) / (to_ - from_);
  const int64_t count = random_.Between(1, 3);
  for (int64_t i = 1; i <= count; ++i) {
    const int64_t product =
        random_.Chance(beyond) ? random_.Between(kEssentials, kProductsMax - 1) : random_.Below(kEssentials);
    const int64_t net = i == count ? amount : amount * random_.Between(30, 60) / 100;
    amount -= net;
    v1::Line& line = *lines.Add();
    line.set_line_id(absl::StrCat(i));
    line.set_product_id(kProducts[product].id);
    line.set_category(kProducts[product].category);
    line.set_sale_type(SaleTypeOf(product));
    line.set_quantity(1000 * random_.Between(1, 20));
    SetMoney(*line.mutable_net(), net);
    const int64_t margin = member_->margin + kProducts[product].margin + random_.Between(-20, 20);
    SetMoney(*line.mutable_cost(), net * (1000 - margin) / 1000);
  }
}

// What it has needed since the last order, so that a year comes out as it should however many orders it is.
void Life::PlaceOrder(v1::AccountEvent& event) {
  constexpr int64_t kCentsMin = 5'000;
  constexpr int64_t kMonths = 12;
  const int64_t annual = AnnualPaceToday() / 1000 * SeasonOf(Today());
  int64_t amount = hurried()
                       ? annual / (kMonths * member_->orders_a_month * kHurriedShare)
                       : static_cast<int64_t>(static_cast<double>(annual) *
                                              static_cast<double>(now_ms_ - account_->ordered_until_ms) / kYearMs);
  account_->ordered_until_ms = now_ms_;
  amount = std::max(kCentsMin, amount * random_.Between(870, 1170) / 1000);
  const std::string order_id = EntityId("SO");
  event.set_correlation_id(order_id);
  v1::OrderPlaced& placed = *event.mutable_order_placed();
  placed.set_order_id(order_id);
  SetLines(amount, *placed.mutable_lines());
  ordered_[step_.number] = placed.lines();
  constexpr int64_t kDaysToDeliver = 14;
  step_.day = Today() + kDaysToDeliver;
  placed.set_promised_date(FormatDay(step_.day));
  Start(Act::kPlaceOrder, 30 / member_->orders_a_month);
  const int64_t fate = random_.Below(1000);
  if (fate < 20) return Then(Act::kCancelOrder, 4);
  if (fate < 60) return Then(Act::kPostponeOrder, 4);
  const bool late = random_.Chance(member_->story == Story::kInTrouble ? 250 : 40);
  Then(Act::kDeliverOrder, late ? 22 : 9);
}

void Life::PostponeOrder(v1::AccountEvent& event) {
  constexpr Day kWeek = 7;
  event.mutable_order_changed()->set_order_id(EntityId("SO"));
  event.mutable_order_changed()->set_promised_date(FormatDay(step_.day += kWeek));
  Then(Act::kDeliverOrder, 13);
}

void Life::CancelOrder(v1::AccountEvent& event) {
  event.mutable_order_cancelled()->set_order_id(EntityId("SO"));
  event.mutable_order_cancelled()->set_reason("not needed any more");
  ordered_.erase(step_.number);
}

void Life::DeliverOrder(v1::AccountEvent& event) {
  event.mutable_order_delivered()->set_order_id(EntityId("SO"));
  Then(Act::kIssueInvoice, 1);
}

void Life::BringIn(v1::AccountEvent& event) {
  event.mutable_invoice_issued()->set_invoice_id(EntityId("INV"));
  const int64_t month = AnnualPaceToday() / 12'000 * SeasonOf(Today());
  SetLines(month * random_.Between(950, 1050) / 1000, *event.mutable_invoice_issued()->mutable_lines());
}

void Life::IssueInvoice(v1::AccountEvent& event) {
  v1::InvoiceIssued& invoice = *event.mutable_invoice_issued();
  invoice.set_order_id(EntityId("SO"));
  invoice.set_invoice_id(EntityId("INV"));
  event.set_correlation_id(invoice.order_id());
  *invoice.mutable_lines() = ordered_[step_.number];
  ordered_.erase(step_.number);
  if (random_.Chance(8)) {
    to_correct_[step_.number] = event;
    return Then(Act::kCorrectInvoice, 3);
  }
  step_.amount = invoice.lines(0).net().minor();
  if (random_.Chance(15)) Then(Act::kIssueCreditNote, 12);
}

// The same invoice once more, in its next revision.
void Life::CorrectInvoice(v1::AccountEvent& event) {
  event = to_correct_.extract(step_.number).mapped();
  event.set_revision(1);
  v1::Line& line = *event.mutable_invoice_issued()->mutable_lines(0);
  SetMoney(*line.mutable_net(), line.net().minor() * 95 / 100);
}

void Life::IssueCreditNote(v1::AccountEvent& event) {
  v1::CreditNoteIssued& note = *event.mutable_credit_note_issued();
  note.set_credit_note_id(EntityId("CN"));
  note.set_invoice_id(absl::StrCat("INV-", step_.number));
  v1::Line& line = *note.add_lines();
  line.set_line_id("1");
  line.set_sale_type(v1::BASE);
  SetMoney(*line.mutable_net(), step_.amount * random_.Between(5, 30) / 100);
}

void Life::BookCost(v1::AccountEvent& event) {
  constexpr v1::CostBooked::Kind kService[] = {v1::CostBooked::COST_TO_SERVE, v1::CostBooked::SALES,
                                               v1::CostBooked::LOGISTICS, v1::CostBooked::SUPPORT};
  const bool service = step_.act == Act::kBookServiceCost;
  v1::CostBooked& cost = *event.mutable_cost_booked();
  cost.set_cost_id(EntityId("CB"));
  cost.set_kind(service ? kService[random_.Below(std::size(kService))] : v1::CostBooked::ACQUISITION);
  // Of a month's revenue, or of a year's.
  const int64_t share =
      AnnualPaceToday() / (service ? 12 * 1000 : 1000) * random_.Between(service ? 50 : 8, service ? 95 : 20);
  SetMoney(*cost.mutable_amount(), hurried() ? share / kHurriedShare : share);
  Start(step_.act, service ? 30 : 330);
}

// For the next month, by a manager who knows the account well, or is the last to believe what happens to it.
void Life::SubmitForecast(v1::AccountEvent& event) {
  constexpr Day kMonthDays = 30;
  const Month next_month = MonthOf(Today()) + 1;
  const Day first = FirstDayOf(next_month);
  v1::ForecastSubmitted& forecast = *event.mutable_forecast_submitted();
  forecast.set_period(FormatDay(first).substr(0, 7));
  const bool blind = member_->story == Story::kInTrouble;
  const int64_t annual = AnnualPace(*member_, blind ? first - 3 * kMonthDays : first, to_);
  SetMoney(*forecast.mutable_revenue(), annual / 12'000 * SeasonOf(first) / 1000 * random_.Between(930, 1080));
  StartOn(Act::kSubmitForecast, FirstDayOf(next_month + 1) - static_cast<Day>(random_.Between(5, 12)));
}

}  // namespace keyfold
