#include "state/entity_page.h"

#include "base/varint.h"

namespace keyfold {

void AppendToPage(const EntityRef& entity, uint32_t slot, std::string_view bytes, std::string& page) {
  constexpr size_t kAroundEntity = 16;
  page.reserve(page.size() + entity.id.size() + bytes.size() + kAroundEntity);
  page.push_back(static_cast<char>(slot));
  page.push_back(static_cast<char>(entity.kind));
  AppendVarint(page, entity.id.size());
  page.append(entity.id);
  AppendVarint(page, bytes.size());
  page.append(bytes);
}

std::optional<PagedEntity> PageReader::Next() {
  if (rest_.empty()) return std::nullopt;
  const std::string_view from_here = rest_;
  if (rest_.size() >= 2) {
    const auto slot = static_cast<uint8_t>(rest_[0]);
    const auto kind = static_cast<EntityKind>(rest_[1]);
    rest_.remove_prefix(2);
    const std::optional<std::string_view> id = TakeDelimited(rest_);
    const std::optional<std::string_view> bytes = TakeDelimited(rest_);
    if (id.has_value() && bytes.has_value()) {
      return PagedEntity{slot, kind, *id, *bytes, from_here.substr(0, from_here.size() - rest_.size())};
    }
  }
  damaged_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<std::string> MergePages(std::string_view left, std::string_view right) {
  std::string merged;
  merged.reserve(left.size() + right.size());
  PageReader left_reader(left);
  PageReader right_reader(right);
  std::optional<PagedEntity> a = left_reader.Next();
  std::optional<PagedEntity> b = right_reader.Next();
  while (a.has_value() || b.has_value()) {
    if (a.has_value() && (!b.has_value() || a->slot < b->slot)) {
      merged.append(a->whole);
      a = left_reader.Next();
      continue;
    }
    merged.append(b->whole);
    if (a.has_value() && a->slot == b->slot) a = left_reader.Next();
    b = right_reader.Next();
  }
  if (left_reader.damaged() || right_reader.damaged()) return std::nullopt;
  return merged;
}

}  // namespace keyfold
