#include "bench/broker/invoices.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace keyfold {

InvoiceMaker::InvoiceMaker(uint64_t seed) : random_(seed) {
  v1::InvoiceIssued& invoice = *event_.mutable_invoice_issued();
  for (const v1::SaleType sale_type : {v1::BASE, v1::CROSS_SELL}) {
    v1::Line& line = *invoice.add_lines();
    line.set_line_id(absl::StrCat(invoice.lines_size()));
    line.set_sale_type(sale_type);
    line.mutable_net()->set_currency_code("EUR");
    line.mutable_cost()->set_currency_code("EUR");
  }
}

std::string_view InvoiceMaker::Make(int64_t number, std::string_view account_id, int64_t occurred_at) {
  event_.set_event_id(absl::StrCat("invoice-", number));
  event_.set_account_id(account_id.data(), account_id.size());
  event_.mutable_occurred_at()->set_seconds(occurred_at);
  v1::InvoiceIssued& invoice = *event_.mutable_invoice_issued();
  invoice.set_invoice_id(absl::StrCat("I", number));
  for (v1::Line& line : *invoice.mutable_lines()) {
    const auto net = static_cast<int64_t>(1'000 + random_() % 200'000);
    line.set_product_id(absl::StrCat("P", random_() % 20'000));
    line.set_quantity(static_cast<int64_t>(1'000 * (1 + random_() % 50)));
    line.mutable_net()->set_minor(net);
    line.mutable_cost()->set_minor(net * static_cast<int64_t>(40 + random_() % 50) / 100);
  }
  event_.SerializeToString(&bytes_);
  return bytes_;
}

std::string AccountName(int64_t account) { return absl::StrFormat("A%07d", account); }

}  // namespace keyfold
