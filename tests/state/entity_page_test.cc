#include "state/entity_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keyfold {
namespace {

using Page = std::map<uint32_t, std::string>;  // bytes by slot

EntityRef Invoice(uint32_t slot) { return {EntityKind::kInvoice, "I" + std::to_string(slot)}; }

std::string Packed(const Page& entities) {
  std::string page;
  for (const auto& [slot, bytes] : entities) AppendToPage(Invoice(slot), slot, bytes, page);
  return page;
}

Page Unpacked(std::string_view page) {
  Page entities;
  PageReader reader(page);
  while (const std::optional<PagedEntity> entity = reader.Next()) {
    EXPECT_EQ(entity->kind, EntityKind::kInvoice);
    EXPECT_EQ(entity->id, Invoice(entity->slot).id);
    EXPECT_TRUE(entities.emplace(entity->slot, entity->bytes).second);
  }
  EXPECT_FALSE(reader.damaged());
  return entities;
}

rc::Gen<Page> SomePage() {
  using Entities = std::vector<std::pair<uint32_t, std::string>>;
  return rc::gen::map(rc::gen::container<Entities>(rc::gen::pair(rc::gen::inRange<uint32_t>(0, kEntitiesPerPage),
                                                                 rc::gen::arbitrary<std::string>())),
                      [](const Entities& entities) { return Page(entities.begin(), entities.end()); });
}

TEST(EntityPageTest, GivesBackWhatWasAppended) {
  const Page large = {{0, ""}, {7, std::string(100'000, 'x')}, {kEntitiesPerPage - 1, std::string("\0\xff", 2)}};
  EXPECT_EQ(Unpacked(Packed(large)), large);
  EXPECT_TRUE(Unpacked("").empty());
}

TEST(EntityPageTest, OfTwoEntitiesInASlotTheLaterOneHoldsAndMergingIsAssociative) {
  EXPECT_TRUE(rc::check([] {
    const Page a = *SomePage();
    const Page b = *SomePage();
    const Page c = *SomePage();
    Page expected = c;
    expected.insert(b.begin(), b.end());
    expected.insert(a.begin(), a.end());
    const std::string left = *MergePages(*MergePages(Packed(a), Packed(b)), Packed(c));
    const std::string right = *MergePages(Packed(a), *MergePages(Packed(b), Packed(c)));
    RC_ASSERT(left == right);
    RC_ASSERT(Unpacked(left) == expected);
  }));
}

TEST(EntityPageTest, APageThatIsCutShortIsDamaged) {
  const std::string page = Packed({{3, "bytes"}});
  for (size_t size = 1; size < page.size(); ++size) {
    PageReader reader(std::string_view(page).substr(0, size));
    EXPECT_FALSE(reader.Next().has_value()) << size;
    EXPECT_TRUE(reader.damaged()) << size;
    EXPECT_EQ(MergePages(page, page.substr(0, size)), std::nullopt);
    EXPECT_EQ(MergePages(page.substr(0, size), page), std::nullopt);
  }
}

}  // namespace
}  // namespace keyfold
