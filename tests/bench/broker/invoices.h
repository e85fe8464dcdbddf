// The events that the broker benchmarks make themselves: invoices, each of which changes its account's KPIs.
#ifndef KEYFOLD_TESTS_BENCH_BROKER_INVOICES_H_
#define KEYFOLD_TESTS_BENCH_BROKER_INVOICES_H_

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// Makes invoices of two lines. The same seed makes the same ones. Not thread-safe.
class InvoiceMaker {
 public:
  explicit InvoiceMaker(uint64_t seed);

  // The serialized event; valid until the next call. `number` names event and invoice: a number given twice is the same
  // fact. `occurred_at`: seconds since the epoch.
  std::string_view Make(int64_t number, std::string_view account_id, int64_t occurred_at);

 private:
  std::mt19937_64 random_;
  v1::AccountEvent event_;
  std::string bytes_;
};

// "A0000042".
std::string AccountName(int64_t account);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_BROKER_INVOICES_H_
