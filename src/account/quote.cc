// Quotes: open until decided or no longer valid.
#include <algorithm>
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

struct Quote {
  const v1::Money* amount = nullptr;
  Day valid_until = 0;
};

// Issued, revised: what the quote says from its issue on. An issue names both fields, a revision those that change.
template <typename Wording>
void Apply(const Wording& wording, Quote& quote) {
  if (wording.has_amount()) quote.amount = &wording.amount();
  if (!wording.valid_until().empty()) quote.valid_until = RequiredDate(wording.valid_until());
}

// The event that decided the quote; nullptr: none did.
const v1::AccountEvent* FoldQuote(Events events, const Calendar& calendar, Quote& quote, Ignored ignored) {
  const v1::AccountEvent* decision = nullptr;
  for (const v1::AccountEvent* event : events) {
    if (decision != nullptr) {
      ignored.Add(*event, NoEffect::kAfterTerminal);
      continue;
    }
    switch (event->payload_case()) {
      case v1::AccountEvent::kQuoteIssued:
        Apply(event->quote_issued(), quote);
        break;
      case v1::AccountEvent::kQuoteRevised: {
        const v1::QuoteRevised& revision = event->quote_revised();
        Apply(revision, quote);
        if (!revision.has_amount() && revision.valid_until().empty()) ignored.Add(*event, NoEffect::kNamesNothing);
        break;
      }
      case v1::AccountEvent::kQuoteRejected:
        // After the quote has expired there is nothing left to reject.
        if (DayOf(*event, calendar) <= quote.valid_until) {
          decision = event;
        } else {
          ignored.Add(*event, NoEffect::kAfterExpiry);
        }
        break;
      case v1::AccountEvent::kQuoteAccepted:
        decision = event;
        break;
      default:
        break;
    }
  }
  return decision;
}

}  // namespace

void ContributeQuote(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  Quote quote;
  const v1::AccountEvent* decision = FoldQuote(events, calendar, quote, ignored);
  const Day issued = DayOf(*events.front(), calendar);
  const Currency currency = CurrencyOf(*quote.amount);
  Day closed = quote.valid_until + 1;
  if (decision == nullptr) {
    contributions.Add(Measure::kQuotesExpired, std::max(closed, issued), 1);
  } else {
    closed = DayOf(*decision, calendar);
    if (decision->has_quote_accepted()) {
      contributions.Add(Measure::kQuotesAccepted, closed, 1);
      contributions.Add(Measure::kQuotesAcceptedAmount, currency, closed, quote.amount->minor());
    } else {
      contributions.Add(Measure::kQuotesRejected, closed, 1);
    }
  }
  contributions.AddInterval(Measure::kQuotesOpen, issued, closed, 1);
  contributions.AddInterval(Measure::kQuotesOpenAmount, currency, issued, closed, quote.amount->minor());
}

}  // namespace keyfold
