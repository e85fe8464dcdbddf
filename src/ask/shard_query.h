// Questions to a shard that is at rest, or open for reading beside its writer.
#ifndef KEYFOLD_ASK_SHARD_QUERY_H_
#define KEYFOLD_ASK_SHARD_QUERY_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "keyfold/shard_store.h"
#include "kpi/catalog.h"
#include "state/account_reader.h"

namespace keyfold {

struct AccountAtDay {
  Day day = 0;
  FoldedValues values;
};

// The account's values at `day`, or at the day that the shard has reached, taken anew from its ledger. nullopt: the
// shard has no such account, or its last event was retracted. FailedPrecondition: the shard was built with another
// catalogue.
absl::StatusOr<std::optional<AccountAtDay>> QueryAccount(const ShardStore& store, const Catalog& catalog,
                                                         std::string_view account_id, std::optional<Day> day);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_SHARD_QUERY_H_
