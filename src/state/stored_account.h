// An account as it was last evaluated, in memory and as stored.
#ifndef KEYFOLD_STATE_STORED_ACCOUNT_H_
#define KEYFOLD_STATE_STORED_ACCOUNT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "account/entity.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

// What an account is and what groups it belongs to at a day, and the first later day on which that may change.
struct Membership {
  AccountAttributes attributes;
  std::optional<Day> until;
};

// By the account's attributes over time.
Membership MembershipAt(std::span<const AttributeSpan> spans, Day day);

// An account as it was evaluated at a day.
struct AccountState {
  Day day;
  int64_t live_events;  // 0: not published
  int64_t last_offset;  // the last record that touched it
  ComponentValues components;
  Membership membership;
  std::vector<double> values = {};              // of the definitions; empty: not known, they follow from the components
  std::vector<std::string> raised_alerts = {};  // as last published, by their ids, in catalogue order
};

// Whether it is a customer at that day.
bool IsCustomer(const Catalog& catalog, const AccountState& account);

// The bytes of the v1.StoredAccount; null: nothing but its entities, as EntityNumbers::Serialize() has made them.
std::string SerializeAccount(const AccountState* account, std::string entities);

// DataLoss names the account.
absl::StatusOr<v1::StoredAccount> ParseStoredAccount(std::string_view account_id, std::string_view bytes);

// Without values. DataLoss names the account: it has components that the catalogue has not, or a currency that this
// version does not know.
absl::StatusOr<AccountState> FromStored(const Catalog& catalog, std::string_view account_id,
                                        const v1::StoredAccount& stored);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_STORED_ACCOUNT_H_
