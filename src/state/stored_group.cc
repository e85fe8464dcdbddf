#include "state/stored_group.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

constexpr int kLowBits = 64;

template <typename Field>
void AddCount(uint32_t slot, int64_t count, Field* field) {
  v1::SlotCount* const stored = field->Add();
  stored->set_slot(slot);
  stored->set_count(count);
}

// False: a slot that the catalogue does not have.
template <typename Field>
[[nodiscard]] bool ReadCounts(const Field& field, size_t slots, GroupSums::Count& counts) {
  for (const v1::SlotCount& stored : field) {
    if (stored.slot() >= slots) return false;
    counts[static_cast<uint16_t>(stored.slot())] = stored.count();
  }
  return true;
}

}  // namespace

v1::GroupSums ToStored(const GroupSums& sums) {
  v1::GroupSums stored;
  stored.set_accounts(sums.accounts);
  stored.mutable_amounts()->Reserve(static_cast<int>(sums.amounts.size()));
  for (size_t slot = 0; slot < sums.amounts.size(); ++slot) {
    const auto low = static_cast<int64_t>(sums.amounts[slot]);
    stored.add_amounts(low);
    const auto high = static_cast<int64_t>((sums.amounts[slot] - low) >> kLowBits);
    if (high != 0) AddCount(static_cast<uint32_t>(slot), high, stored.mutable_overflow());
  }
  for (const auto& [slot, count] : sums.undefined) AddCount(slot, count, stored.mutable_undefined());
  for (const auto& [slot, count] : sums.incomplete) AddCount(slot, count, stored.mutable_incomplete());
  for (size_t i = 0; i < sums.histograms.size(); ++i) {
    for (const auto& [bin, count] : sums.histograms[i]) {
      v1::HistogramBin* const stored_bin = stored.add_histogram_bins();
      stored_bin->set_histogram(static_cast<uint32_t>(i));
      stored_bin->set_bin(bin);
      stored_bin->set_count(count);
    }
  }
  for (const auto& [currency, count] : sums.missing_rates) {
    AddCount(currency.packed(), count, stored.mutable_missing_rates());
  }
  return stored;
}

std::optional<GroupSums> FromStored(const Catalog& catalog, const v1::GroupSums& stored) {
  GroupSums sums(catalog);
  if (stored.amounts_size() != static_cast<int>(sums.amounts.size())) return std::nullopt;
  sums.accounts = stored.accounts();
  for (size_t slot = 0; slot < sums.amounts.size(); ++slot) sums.amounts[slot] = stored.amounts(static_cast<int>(slot));
  for (const v1::SlotCount& overflow : stored.overflow()) {
    if (overflow.slot() >= sums.amounts.size()) return std::nullopt;
    sums.amounts[overflow.slot()] += static_cast<__int128>(overflow.count()) << kLowBits;
  }
  if (!ReadCounts(stored.undefined(), sums.amounts.size(), sums.undefined)) return std::nullopt;
  if (!ReadCounts(stored.incomplete(), catalog.base_components().size(), sums.incomplete)) return std::nullopt;
  for (const v1::HistogramBin& bin : stored.histogram_bins()) {
    if (bin.histogram() >= sums.histograms.size()) return std::nullopt;
    sums.histograms[bin.histogram()][static_cast<int16_t>(bin.bin())] = bin.count();
  }
  for (const v1::SlotCount& rate : stored.missing_rates()) {
    const std::optional<Currency> currency = Currency::FromStored(static_cast<uint16_t>(rate.slot()));
    if (!currency.has_value()) return std::nullopt;
    sums.missing_rates[*currency] = rate.count();
  }
  return sums;
}

std::string SerializeGroup(const KeptGroup& group) {
  v1::StoredGroup stored;
  stored.set_day(group.day);
  *stored.mutable_sums() = ToStored(group.sums);
  stored.set_unpublished(group.unpublished);
  stored.set_replayed(group.replayed);
  stored.mutable_raised_alerts()->Add(group.raised_alerts.begin(), group.raised_alerts.end());
  return stored.SerializeAsString();
}

absl::StatusOr<KeptGroup> ParseGroup(const Catalog& catalog, const std::string& group_id, const std::string& bytes) {
  v1::StoredGroup stored;
  if (!stored.ParseFromString(bytes)) return DamagedGroup(group_id);
  std::optional<GroupSums> sums = FromStored(catalog, stored.sums());
  if (!sums.has_value()) return DamagedGroup(group_id);
  return KeptGroup{*std::move(sums),
                   stored.day(),
                   stored.unpublished(),
                   stored.replayed(),
                   {stored.raised_alerts().begin(), stored.raised_alerts().end()}};
}

absl::Status DamagedGroup(const std::string& group_id) {
  return absl::DataLossError(absl::StrCat("group '", group_id, "' is damaged in the store"));
}

}  // namespace keyfold
