// Pages of entities: the packed form in which most entities of an account are stored.
//
//   page   := entity*                     slots ascend
//   entity := slot(1 byte) kind(1 byte) varint(length) id varint(length) v1.StoredEntity
//
// An account's entities are numbered in the order in which they came to be; a page holds kEntitiesPerPage of them. What
// changes is merged into the page: of two entities in a slot the later one holds. So an entity is written without
// reading its page, and the many that are written once and never again share the cost of a key.
#ifndef KEYFOLD_STATE_ENTITY_PAGE_H_
#define KEYFOLD_STATE_ENTITY_PAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "account/entity.h"

namespace keyfold {

inline constexpr uint32_t kEntitiesPerPage = 16;

// Whether entities of this kind are numbered and lie in pages. The others are few of an account, edited over and over,
// and stored under a key of their own.
constexpr bool LiesInPages(EntityKind kind) {
  return kind != EntityKind::kAccount && kind != EntityKind::kPlans && kind != EntityKind::kStakeholder &&
         kind != EntityKind::kFxRate;
}

// An entity in a page. The views are into the page.
struct PagedEntity {
  uint32_t slot;
  EntityKind kind;
  std::string_view id;
  std::string_view bytes;  // v1.StoredEntity
  std::string_view whole;  // all of it, as it is in the page
};

// Appends an entity to a page; slots must ascend.
void AppendToPage(const EntityRef& entity, uint32_t slot, std::string_view bytes, std::string& page);

// Reads a page from its beginning.
class PageReader {
 public:
  explicit PageReader(std::string_view page) : rest_(page) {}

  // The next entity; nullopt: there is none, or the page is damaged().
  std::optional<PagedEntity> Next();
  bool damaged() const { return damaged_; }

 private:
  std::string_view rest_;
  bool damaged_ = false;
};

// The MergeFunction of pages: every slot of both; where both have one, the right one's.
std::optional<std::string> MergePages(std::string_view left, std::string_view right);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_ENTITY_PAGE_H_
