#include "mapping/mapping_names.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"

namespace keyfold {
namespace {

constexpr size_t kColumnsMax = 1000;

}  // namespace

MappingNames::MappingNames() {
  auto format = std::make_shared<ColumnFormat>();
  format->zone = absl::UTCTimeZone();
  default_ = std::move(format);
}

bool MappingNames::AddValues(std::string name, ValueTable values) {
  return values_.emplace(std::move(name), std::make_shared<const ValueTable>(std::move(values))).second;
}

bool MappingNames::AddLookup(LookupSource lookup) {
  const bool taken = values_.find(lookup.name) != values_.end() ||
                     std::any_of(lookups_.begin(), lookups_.end(),
                                 [&](const LookupSource& other) { return other.name == lookup.name; });
  if (!taken) lookups_.push_back(std::move(lookup));
  return !taken;
}

absl::StatusOr<ExpressionNames::Column> MappingNames::FindColumn(std::string_view name) {
  if (const auto slot = slots_.find(name); slot != slots_.end()) return Column{slot->second, formats_[slot->second]};
  if (columns_.size() == kColumnsMax) return absl::NotFoundError("too many columns");
  ColumnUse use{std::string(name), line_, false};
  std::shared_ptr<const ColumnFormat> format;
  if (const auto declared = declared_.find(name); declared != declared_.end()) {
    use = {declared->second.from, declared->second.line, declared->second.optional};
    format = declared->second.format;
  } else {
    auto text = std::make_shared<ColumnFormat>(*default_);
    text->type = ValueType::kText;
    format = std::move(text);
  }
  const auto slot = static_cast<uint16_t>(columns_.size());
  columns_.push_back(std::move(use));
  formats_.push_back(format);
  slots_.emplace(name, slot);
  return Column{slot, std::move(format)};
}

std::shared_ptr<const ValueTable> MappingNames::FindValues(std::string_view name) {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : found->second;
}

absl::StatusOr<ExpressionNames::Lookup> MappingNames::FindLookup(std::string_view name, std::string_view column) {
  for (size_t table = 0; table < lookups_.size(); ++table) {
    LookupSource& lookup = lookups_[table];
    if (lookup.name != name) continue;
    if (column.empty()) {
      return absl::NotFoundError(absl::StrCat(lookup.name, " has several columns: ", lookup.name, "[...].column"));
    }
    auto known = std::find(lookup.columns.begin(), lookup.columns.end(), column);
    if (known == lookup.columns.end()) known = lookup.columns.insert(known, std::string(column));
    return Lookup{static_cast<uint16_t>(table), static_cast<uint16_t>(known - lookup.columns.begin())};
  }
  std::vector<std::string_view> names;
  for (const auto& [known, values] : values_) names.emplace_back(known);
  for (const LookupSource& lookup : lookups_) names.emplace_back(lookup.name);
  return absl::NotFoundError(absl::StrCat("there is no table '", std::string(name), "'", DidYouMean(name, names),
                                          column.empty() ? "" : " (with a column after it: it stands under lookups)"));
}

const std::pair<const std::string, MappingNames::Declared>* MappingNames::Unused() const {
  const auto unused = std::find_if(declared_.begin(), declared_.end(), [this](const auto& declared) {
    return slots_.find(declared.first) == slots_.end();
  });
  return unused == declared_.end() ? nullptr : &*unused;
}

}  // namespace keyfold
