#include "state/account_reader.h"

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kpi/rates.h"
#include "state/store_cursor.h"
#include "state/store_keys.h"
#include "state/stored_entity.h"

namespace keyfold {
absl::StatusOr<std::vector<Contribution>> ReadLedger(const ShardStore& store, std::string_view account_id) {
  const std::string prefix = LedgerPrefix(account_id);
  std::vector<Contribution> ledger;
  bool damaged = false;
  KEYFOLD_RETURN_IF_ERROR(store.Scan(prefix, prefix, [&](std::string_view key, std::string_view cells) {
    damaged = !UnpackLedgerBlock(BlockOf(key), cells, ledger);
    return !damaged;
  }));
  if (damaged) {
    return absl::DataLossError(
        absl::StrCat("account '", std::string(account_id), "': the ledger is damaged in the shard's store"));
  }
  return ledger;
}

absl::StatusOr<RateTable> ReadRates(const ShardStore& store) {
  const std::string prefix = EntitiesPrefix("", EntityKind::kFxRate);
  RateTable rates;
  bool damaged = false;
  KEYFOLD_RETURN_IF_ERROR(store.Scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    v1::StoredEntity stored;
    damaged = !stored.ParseFromArray(value.data(), static_cast<int>(value.size()));
    if (!damaged) SetRate(LoadedHistory(stored).view(), key.substr(prefix.size()), rates);
    return !damaged;
  }));
  if (damaged) return absl::DataLossError("a rate is damaged in the shard's store");
  return rates;
}

absl::StatusOr<FoldedValues> EvaluateStored(const ShardStore& store, const EvaluationDay& evaluation,
                                            const RateTable& rates, std::string_view account_id) {
  FoldedValues values;
  values.id = std::string(account_id);
  KEYFOLD_ASSIGN_OR_RETURN(values.ledger, ReadLedger(store, account_id));
  const ComponentValues components = SumComponents(evaluation, values.ledger, rates);
  values.kpis = PublishedKpis(*evaluation.catalog, EvaluateAccount(evaluation, components), /*group=*/false);
  values.missing_rates = CurrencyCodes(components.missing_rates);
  return values;
}

absl::StatusOr<std::vector<AttributeSpan>> ReadAttributes(const ShardStore& store, const Calendar& calendar,
                                                          std::string_view account_id) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                           store.Get(EntityKey(account_id, {EntityKind::kAccount, ""})));
  v1::StoredEntity stored;
  if (bytes.has_value() && !stored.ParseFromString(*bytes)) {
    return absl::DataLossError(
        absl::StrCat("account '", std::string(account_id), "': its events are damaged in the shard's store"));
  }
  return AttributesOverTime(LoadedHistory(stored).view(), calendar);
}

absl::Status VisitMembers(const ShardStore& store, std::string_view group_id,
                          const std::function<absl::Status(std::string_view account_id)>& visit) {
  const bool all = group_id == kAllAccountsGroup;
  const std::string prefix = all ? AllAccountsPrefix() : MembersPrefix(group_id);
  // Not within a scan: the visitor may read the store.
  StoreCursor members(store, prefix);
  KEYFOLD_RETURN_IF_ERROR(members.Next());
  while (!members.done()) {
    KEYFOLD_RETURN_IF_ERROR(visit(all ? AccountIdOf(members.key()) : members.key().substr(prefix.size())));
    KEYFOLD_RETURN_IF_ERROR(members.Next());
  }
  return absl::OkStatus();
}

std::vector<std::pair<std::string, double>> PublishedKpis(const Catalog& catalog, std::span<const uint16_t> kpis,
                                                          const std::vector<double>& values, bool group) {
  std::vector<std::pair<std::string, double>> published;
  for (uint16_t index : kpis) {
    const Definition& kpi = catalog.definitions()[index];
    if (group && kpi.rollup == Definition::Rollup::kNone) continue;
    if (std::isnan(values[index])) continue;
    published.emplace_back(group ? kpi.group_id : kpi.id, PublishedValue(catalog, kpi, values[index]));
  }
  return published;
}

std::vector<std::pair<std::string, double>> PublishedKpis(const Catalog& catalog, const std::vector<double>& values,
                                                          bool group) {
  return PublishedKpis(catalog, catalog.kpis(), values, group);
}

}  // namespace keyfold
