// What events contribute is stored, so a change of it must make shards of another version be refused: it must raise
// kContributionsVersion. This test notices the change.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <string>

#include "support/contributed.h"
#include "support/entity_generator.h"

namespace keyfold {
namespace {

// Of many histories of each kind of entity, always the same ones.
uint64_t HashOfContributions() {
  uint64_t hash = 14'695'981'039'346'656'037u;  // FNV-1a
  const auto add = [&hash](const std::string& text) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
  };
  const std::vector<Mention> mentions = {{"m", "e", (kGeneratedFrom - 10) * int64_t{86'400}}};
  for (EntityKind kind : kAllKinds) {
    const auto generator = rc::gen::exec([kind] { return PickEvents(kind); });
    for (uint64_t seed = 0; seed < 300; ++seed) {
      for (const std::string& text : Contributed(kind, generator(rc::Random(seed), 100).value(), mentions)) add(text);
    }
  }
  return hash;
}

TEST(ContributionsVersionTest, IsRaisedWhenContributionsChange) {
  const uint64_t hash = HashOfContributions();
  EXPECT_EQ(kContributionsVersion, 1);
  EXPECT_EQ(hash, 7'479'450'529'786'108'168u)
      << "what events contribute has changed: raise kContributionsVersion (account/entity.h), and write "
         "both down here. (Where just the generator of this test was changed, only the hash.)";
}

}  // namespace
}  // namespace keyfold
