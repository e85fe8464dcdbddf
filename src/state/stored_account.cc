#include "state/stored_account.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {

namespace {

v1::StoredAccount ToStored(const AccountState& account) {
  const ComponentValues& components = account.components;
  v1::StoredAccount stored;
  stored.set_day(account.day);
  stored.set_live_events(static_cast<uint32_t>(account.live_events));
  stored.set_last_offset(account.last_offset);
  stored.mutable_components()->Add(components.base.begin(), components.base.end());
  for (size_t slot = 0; slot < components.base.size(); ++slot) {
    if (components.undefined[slot] != 0) stored.add_undefined(static_cast<uint32_t>(slot));
    if (components.incomplete[slot] != 0) stored.add_incomplete(static_cast<uint32_t>(slot));
  }
  for (size_t index = 0; index < components.histograms.size(); ++index) {
    for (const auto& [bin, count] : components.histograms[index]) {
      v1::HistogramBin* stored_bin = stored.add_histogram_bins();
      stored_bin->set_histogram(static_cast<uint32_t>(index));
      stored_bin->set_bin(bin);
      stored_bin->set_count(count);
    }
  }
  for (Currency currency : components.missing_rates) stored.add_missing_rates(currency.packed());
  stored.set_foreign(components.foreign);
  const Membership& membership = account.membership;
  v1::StoredAttributes& attributes = *stored.mutable_attributes();
  attributes.set_segment(membership.attributes.segment);
  attributes.set_region(membership.attributes.region);
  attributes.set_industry(membership.attributes.industry);
  attributes.set_manager_id(membership.attributes.manager_id);
  attributes.set_tier(membership.attributes.tier);
  attributes.set_parent_id(membership.attributes.parent_id);
  attributes.set_name(membership.attributes.name);
  if (membership.until.has_value()) stored.set_attributes_until(*membership.until);
  stored.mutable_raised_alerts()->Add(account.raised_alerts.begin(), account.raised_alerts.end());
  return stored;
}

absl::Status DamagedAccount(std::string_view account_id) {
  return absl::DataLossError(absl::StrCat("account '", std::string(account_id), "' is damaged in the shard's store"));
}

}  // namespace

bool IsCustomer(const Catalog& catalog, const AccountState& account) {
  return account.components.base[catalog.customer_slot()] > 0;
}

std::string SerializeAccount(const AccountState* account, std::string entities) {
  v1::StoredAccount stored;
  if (account != nullptr) stored = ToStored(*account);
  stored.set_entities(std::move(entities));
  return stored.SerializeAsString();
}

absl::StatusOr<AccountState> FromStored(const Catalog& catalog, std::string_view account_id,
                                        const v1::StoredAccount& stored) {
  AccountState account{stored.day(), stored.live_events(), stored.last_offset(), ComponentValues(catalog), {}};
  ComponentValues& components = account.components;
  const size_t slots = components.base.size();
  // One that has entities only has no components.
  bool damaged = stored.components_size() != 0 && static_cast<size_t>(stored.components_size()) != slots;
  if (!damaged) std::copy(stored.components().begin(), stored.components().end(), components.base.begin());
  const auto mark = [&](const auto& stored_slots, std::vector<uint8_t>& marks) {
    for (uint32_t slot : stored_slots) {
      damaged |= slot >= slots;
      if (slot < slots) marks[slot] = 1;
    }
  };
  mark(stored.undefined(), components.undefined);
  mark(stored.incomplete(), components.incomplete);
  for (const v1::HistogramBin& bin : stored.histogram_bins()) {
    damaged |= bin.histogram() >= components.histograms.size();
    if (damaged) break;
    components.histograms[bin.histogram()].emplace_back(static_cast<int16_t>(bin.bin()), bin.count());
  }
  for (uint32_t packed : stored.missing_rates()) {
    const std::optional<Currency> currency = Currency::FromStored(static_cast<uint16_t>(packed));
    damaged |= !currency.has_value();
    components.missing_rates.push_back(currency.value_or(Currency()));
  }
  if (damaged) return DamagedAccount(account_id);
  components.foreign = stored.foreign();
  Membership& membership = account.membership;
  membership.attributes.segment = stored.attributes().segment();
  membership.attributes.region = stored.attributes().region();
  membership.attributes.industry = stored.attributes().industry();
  membership.attributes.manager_id = stored.attributes().manager_id();
  membership.attributes.tier = stored.attributes().tier();
  membership.attributes.parent_id = stored.attributes().parent_id();
  membership.attributes.name = stored.attributes().name();
  if (stored.has_attributes_until()) membership.until = stored.attributes_until();
  account.raised_alerts.assign(stored.raised_alerts().begin(), stored.raised_alerts().end());
  return account;
}

Membership MembershipAt(std::span<const AttributeSpan> spans, Day day) {
  return {AttributesAt(spans, day), NextChange(spans, day)};
}

absl::StatusOr<v1::StoredAccount> ParseStoredAccount(std::string_view account_id, std::string_view bytes) {
  v1::StoredAccount stored;
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return DamagedAccount(account_id);
  }
  return stored;
}

}  // namespace keyfold
