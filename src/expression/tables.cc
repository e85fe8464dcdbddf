#include "expression/tables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"

namespace keyfold {

bool LookupTable::Add(std::string_view key, std::span<const std::string_view> cells) {
  const auto [row, is_new] = rows_.try_emplace(std::string(key), cells.begin(), cells.end());
  return is_new || std::equal(cells.begin(), cells.end(), row->second.begin(), row->second.end());
}

void LookupTable::Put(std::string_view key, std::span<const std::string_view> cells) {
  rows_.insert_or_assign(std::string(key), std::vector<std::string>(cells.begin(), cells.end()));
}

void LookupTable::Remove(std::string_view key) { rows_.erase(absl::string_view(key.data(), key.size())); }

std::optional<std::string_view> LookupTable::Find(std::string_view key, size_t column) const {
  const auto row = rows_.find(absl::string_view(key.data(), key.size()));
  if (row == rows_.end()) return std::nullopt;
  return row->second[column];
}

}  // namespace keyfold
