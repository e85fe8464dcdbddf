// Reading accounts back from a shard's store: ledger, attributes, rates, values at any day.
#ifndef KEYFOLD_STATE_ACCOUNT_READER_H_
#define KEYFOLD_STATE_ACCOUNT_READER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "account/entity.h"
#include "keyfold/shard_store.h"
#include "kpi/catalog.h"
#include "kpi/evaluation.h"
#include "kpi/groups.h"

namespace keyfold {

// The values of an account or a group at a date.
struct FoldedValues {
  std::string id;
  int64_t accounts = 0;                              // groups only: how many members
  std::vector<std::pair<std::string, double>> kpis;  // defined ones, in catalogue order, as published
  std::vector<std::string> missing_rates;            // sorted
  std::vector<Contribution> ledger;                  // accounts only: summed by cell
};

// The codes of currencies, in their order.
template <typename Currencies>
std::vector<std::string> CurrencyCodes(const Currencies& currencies) {
  std::vector<std::string> codes;
  for (Currency currency : currencies) codes.push_back(currency.code());
  return codes;
}

// Of those that some accounts lack a rate for (GroupSums::missing_rates).
inline std::vector<std::string> CurrencyCodes(const std::map<Currency, int64_t>& accounts) {
  std::vector<std::string> codes;
  for (const auto& [currency, count] : accounts) codes.push_back(currency.code());
  return codes;
}

// Reads an account's ledger from a store: every block, cells ascending within a block.
absl::StatusOr<std::vector<Contribution>> ReadLedger(const ShardStore& store, std::string_view account_id);

// The rates that a store holds.
absl::StatusOr<RateTable> ReadRates(const ShardStore& store);

// An account's values at a day, taken anew from its ledger.
absl::StatusOr<FoldedValues> EvaluateStored(const ShardStore& store, const EvaluationDay& evaluation,
                                            const RateTable& rates, std::string_view account_id);

// The account's attributes over time.
absl::StatusOr<std::vector<AttributeSpan>> ReadAttributes(const ShardStore& store, const Calendar& calendar,
                                                          std::string_view account_id);

// Visits the accounts of a shard that belong to a group at some date (events later retracted do not count), in the
// order of their ids' lengths and bytes, until the visitor's status is not OK: that is the result then. Of
// portfolio:all: every account. The visitor may read the store; the view lives until it returns.
absl::Status VisitMembers(const ShardStore& store, std::string_view group_id,
                          const std::function<absl::Status(std::string_view account_id)>& visit);

// The defined ones of these KPIs, in their order, as they are published; `values` are those of the definitions, by
// index.
std::vector<std::pair<std::string, double>> PublishedKpis(const Catalog& catalog, std::span<const uint16_t> kpis,
                                                          const std::vector<double>& values, bool group);

// The same of all KPIs, in catalogue order.
std::vector<std::pair<std::string, double>> PublishedKpis(const Catalog& catalog, const std::vector<double>& values,
                                                          bool group);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_ACCOUNT_READER_H_
