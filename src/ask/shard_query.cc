#include "ask/shard_query.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation_days.h"
#include "state/shard_meta.h"
#include "state/store_keys.h"
#include "state/stored_account.h"

namespace keyfold {

absl::StatusOr<std::optional<AccountAtDay>> QueryAccount(const ShardStore& store, const Catalog& catalog,
                                                         std::string_view account_id, std::optional<Day> day) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<v1::ShardMeta> meta, ReadShardMeta(store));
  if (!meta.has_value()) return std::nullopt;
  if (const std::optional<std::string> difference = DescribeDifference(*meta, catalog)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the shard was ", *difference, ": query with the configuration of the worker"));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store.Get(AccountKey(account_id)));
  if (!bytes.has_value()) return std::nullopt;
  KEYFOLD_ASSIGN_OR_RETURN(const v1::StoredAccount stored, ParseStoredAccount(account_id, *bytes));
  if (stored.live_events() == 0) return std::nullopt;
  KEYFOLD_ASSIGN_OR_RETURN(const RateTable rates, ReadRates(store));
  AccountAtDay result;
  result.day = day.value_or(StreamDay(catalog.calendar(), meta->stream_time_ms()));
  KEYFOLD_ASSIGN_OR_RETURN(result.values, EvaluateStored(store, EvaluationDay(catalog, result.day), rates, account_id));
  return result;
}

}  // namespace keyfold
