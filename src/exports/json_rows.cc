#include "exports/json_rows.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "exports/json_path.h"

namespace keyfold {

bool JsonRows::Open(JsonValue root) {
  root_ = std::move(root);
  records_ = nullptr;
  record_ = record_count_ = item_ = item_count_ = 0;
  const JsonValue* const found = FindPath(root_, format_.records);
  if (found == nullptr) return false;
  if (found->IsNull() && found != &root_) return true;  // a page without records
  if (found->kind == JsonValue::Kind::kList) {
    records_ = found;
    record_count_ = found->elements.size();
    return true;
  }
  if (found != &root_) root_ = JsonValue(*found);
  record_count_ = 1;
  return true;
}

// "item.X" is field X of the item, `item` one that is plain; anything else is a field of the record.
const JsonValue* JsonRows::FindColumn(const std::string& name) const {
  constexpr std::string_view kItem = "item";
  constexpr std::string_view kItemField = "item.";
  const bool has_item = items_ != nullptr && item_ < items_->elements.size();
  const JsonValue* const item = has_item ? &items_->elements[item_] : nullptr;
  if (!format_.each.empty() && name.starts_with(kItemField)) {
    return item == nullptr ? nullptr : FindPath(*item, std::string_view(name).substr(kItemField.size()));
  }
  if (name == kItem && item != nullptr && !item->IsObject()) return item;
  return FindPath(*current_, name);
}

JsonRows::Outcome JsonRows::Next(MappedRow& row, MappingProblem& problem) {
  if (item_ == item_count_) {
    if (record_ == record_count_) return Outcome::kEnd;
    current_ = records_ != nullptr ? &records_->elements[record_] : &root_;
    ++record_;
    items_ = format_.each.empty() ? nullptr : FindPath(*current_, format_.each);
    if (items_ != nullptr && items_->kind != JsonValue::Kind::kList) items_ = nullptr;
    item_ = 0;
    item_count_ = items_ != nullptr ? std::max<size_t>(items_->elements.size(), 1) : 1;
  }
  row.line = static_cast<int64_t>(record_);
  row.cells.clear();
  texts_.clear();
  texts_.reserve(columns_.size());
  bool damaged = false;
  for (const ColumnUse& column : columns_) {
    const JsonValue* const found = FindColumn(column.name);
    std::optional<std::string> text = found == nullptr ? std::string() : TextOf(*found);
    if (!text.has_value()) {
      problem = {column.name, "is an object, not a text or a number", ""};
      damaged = true;
      break;
    }
    row.cells.push_back(texts_.emplace_back(*std::move(text)));
  }
  ++item_;
  if (damaged) {
    row.cells.clear();
    return Outcome::kDamaged;
  }
  row.cells.emplace_back();
  return Outcome::kRow;
}

}  // namespace keyfold
