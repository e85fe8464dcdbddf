// An account's components, as stored and as evaluated.
#ifndef KEYFOLD_ENGINE_STORED_ACCOUNT_H_
#define KEYFOLD_ENGINE_STORED_ACCOUNT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

v1::StoredAccount ToStored(const ComponentValues& components, Day day, int64_t live_events, int64_t last_offset);

// REQUIRES: stored with this catalogue.
ComponentValues FromStored(const Catalog& catalog, const v1::StoredAccount& stored);

// DataLoss names the account.
absl::StatusOr<v1::StoredAccount> ParseStoredAccount(std::string_view account_id, std::string_view bytes);

bool SameMissingRates(const v1::StoredAccount& stored, const ComponentValues& components);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_STORED_ACCOUNT_H_
