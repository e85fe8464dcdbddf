// An account's components, as stored and as evaluated.
#ifndef KEYFOLD_ENGINE_STORED_ACCOUNT_H_
#define KEYFOLD_ENGINE_STORED_ACCOUNT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "account/entity.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

// What groups an account belongs to by at a day, and the first later day on which that may change.
struct Membership {
  AccountAttributes attributes;  // without the name
  std::optional<Day> until;
};

v1::StoredAccount ToStored(const ComponentValues& components, Day day, int64_t live_events, int64_t last_offset,
                           const Membership& membership);

// REQUIRES: stored with this catalogue.
ComponentValues FromStored(const Catalog& catalog, const v1::StoredAccount& stored);

Membership MembershipOf(const v1::StoredAccount& stored);

// By the account's attributes over time.
Membership MembershipAt(std::span<const AttributeSpan> spans, Day day);

// DataLoss names the account.
absl::StatusOr<v1::StoredAccount> ParseStoredAccount(std::string_view account_id, std::string_view bytes);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_STORED_ACCOUNT_H_
