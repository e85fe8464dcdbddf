// Invoices and credit notes: revenue and its variable cost, on the day of the document.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

using Lines = google::protobuf::RepeatedPtrField<v1::Line>;

// The part of revenue that a sale type has a measure of its own for.
std::optional<Measure> RevenueBySaleType(v1::SaleType sale_type) {
  switch (sale_type) {
    case v1::CROSS_SELL:
      return Measure::kRevenueCrossSell;
    case v1::UP_SELL:
      return Measure::kRevenueUpSell;
    case v1::BUNDLE:
      return Measure::kRevenueBundle;
    case v1::RENEWAL:
      return Measure::kRevenueRenewal;
    default:
      return std::nullopt;
  }
}

// `sign` is -1 for a credit note.
void AddLines(const Lines& lines, Day day, int sign, Contributions& contributions) {
  for (const v1::Line& line : lines) {
    const Currency currency = CurrencyOf(line.net());
    const int64_t net = sign * line.net().minor();
    contributions.Add(Measure::kRevenue, currency, day, net);
    if (const std::optional<Measure> part = RevenueBySaleType(line.sale_type())) {
      contributions.Add(*part, currency, day, net);
    }
    if (line.has_cost()) {
      contributions.Add(Measure::kVariableCost, CurrencyOf(line.cost()), day, sign * line.cost().minor());
    }
  }
}

}  // namespace

void ContributeInvoice(Events events, const Calendar& calendar, Contributions& contributions) {
  const v1::InvoiceIssued* invoice = nullptr;
  for (const v1::AccountEvent* event : events) {
    if (event->has_invoice_cancelled()) return;
    if (event->has_invoice_issued()) invoice = &event->invoice_issued();
  }
  const Day issued = DayOf(*events.front(), calendar);
  AddLines(invoice->lines(), issued, 1, contributions);
  contributions.Add(Measure::kInvoices, issued, 1);
}

void ContributeCreditNote(Events events, const Calendar& calendar, Contributions& contributions) {
  // Every event of a credit note issues it; the last one says what it holds.
  const Day issued = DayOf(*events.front(), calendar);
  AddLines(events.back()->credit_note_issued().lines(), issued, -1, contributions);
  contributions.Add(Measure::kCreditNotes, issued, 1);
}

}  // namespace keyfold
