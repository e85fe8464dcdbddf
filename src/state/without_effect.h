// The events of a store that are without effect, account by account.
#ifndef KEYFOLD_STATE_WITHOUT_EFFECT_H_
#define KEYFOLD_STATE_WITHOUT_EFFECT_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "account/entity.h"
#include "account/without_effect.h"
#include "base/calendar.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// Visits an account's events without effect, entity by entity, each entity's in sort order. What the visitor gets lives
// until it returns. DataLoss: the account's entities are damaged.
absl::Status VisitWithoutEffect(const ShardStore& store, const Calendar& calendar, std::string_view account_id,
                                const std::function<void(const EntityRef&, const WithoutEffect&)>& visit);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_WITHOUT_EFFECT_H_
