// Reading all shards of a projection: who belongs to a group, and which shards there are.
#include "ask/projection_reader.h"

#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "ask/projection_world.h"
#include "state/account_reader.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

std::vector<std::string> MembersAt(const ProjectionReader& reader, const std::string& group_id, const char* date) {
  const Day day = *ParseDay(date);
  std::vector<std::string> ids;
  const absl::Status visited =
      reader.VisitMembers(group_id, std::span(&day, 1),
                          [&](const AccountRecord& account, std::span<const uint8_t>) { ids.push_back(account.id); });
  EXPECT_TRUE(visited.ok()) << visited;
  return ids;
}

TEST(GroupIdTest, EveryGroupOfAnAccountIsAGroupAndHoldsIt) {
  const AccountAttributes none;
  const AccountAttributes all{"Name", "ENT", "north", "steel", "M7", "KEY", "P1"};
  const std::vector<std::string> groups = GroupsOf(all);
  EXPECT_EQ(groups.size(), 8u);
  for (const std::string& group : groups) {
    EXPECT_TRUE(IsGroupId(group)) << group;
    EXPECT_TRUE(CheckGroupId(group).ok()) << group;
    EXPECT_TRUE(BelongsTo(all, group)) << group;
    EXPECT_EQ(BelongsTo(none, group), group == kAllAccountsGroup) << group;
    EXPECT_FALSE(BelongsTo(all, group + "x")) << group;
  }
}

TEST(GroupIdTest, OthersAreRefused) {
  for (const char* id : {"", "A1", "team:x", "portfolio:", "portfolio:some", "manager:", "Manager:M7", "manager"}) {
    const absl::Status status = CheckGroupId(id);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << id;
    EXPECT_THAT(std::string(status.message()), HasSubstr("portfolio:all, portfolio:key, manager:ID"));
    EXPECT_FALSE(BelongsTo({}, id)) << id;
  }
  EXPECT_FALSE(IsGroupId("A1"));
  EXPECT_FALSE(IsGroupId("team:x"));
  EXPECT_TRUE(IsGroupId("portfolio:some"));  // meant as a group, and refused as one
}

TEST(ProjectionReaderTest, MembersAreThoseOfTheDayInAllShards) {
  ProjectionWorld world;
  const v1::AccountEvent only = Managed("A4", "2026-01-01", "M7");
  world.Add(Managed("A1", "2026-01-01", "M7"));
  world.Add(Managed("A1", "2026-01-04", "M8"));  // moved
  world.Add(Managed("A2", "2026-01-01", "M7"));
  world.Add(Managed("A3", "2026-03-01", "M7"));  // not yet
  world.Add(only);
  world.Add(Managed("A5", "2026-01-01", "M7"));
  world.Add(Retracted(only));  // nothing is left of it
  world.Erase("A5");
  const ProjectionReader reader = world.Open();
  EXPECT_THAT(MembersAt(reader, "manager:M7", "2025-12-31"), IsEmpty());
  EXPECT_THAT(MembersAt(reader, "manager:M7", "2026-01-03"), UnorderedElementsAre("A1", "A2"));
  EXPECT_THAT(MembersAt(reader, "manager:M7", "2026-01-04"), ElementsAre("A2"));
  EXPECT_THAT(MembersAt(reader, "manager:M7", "2026-03-01"), UnorderedElementsAre("A2", "A3"));
  EXPECT_THAT(MembersAt(reader, "manager:M8", "2026-01-04"), ElementsAre("A1"));
  EXPECT_THAT(MembersAt(reader, "portfolio:all", "2025-12-31"), UnorderedElementsAre("A1", "A2", "A3"));
}

TEST(ProjectionReaderTest, AMemberOfAnyDayIsVisitedOnceAndSaysOfWhich) {
  ProjectionWorld world;
  world.Add(Managed("A1", "2026-01-02", "M7"));
  world.Add(Managed("A1", "2026-01-03", "M8"));
  const ProjectionReader reader = world.Open();
  const Day days[] = {*ParseDay("2026-01-03"), *ParseDay("2026-01-02"), *ParseDay("2026-01-01")};
  std::vector<std::vector<uint8_t>> visits;
  ASSERT_TRUE(reader
                  .VisitMembers("manager:M7", days,
                                [&](const AccountRecord&, std::span<const uint8_t> member) {
                                  visits.emplace_back(member.begin(), member.end());
                                })
                  .ok());
  EXPECT_THAT(visits, ElementsAre(ElementsAre(0, 1, 0)));
}

TEST(ProjectionReaderTest, AnAccountIsFoundInWhicheverShardHasIt) {
  ProjectionWorld world;
  world.Add(Opened("A1"));
  world.Add(Opened("A2"));
  world.Add(Retracted(Opened("A2")));
  const ProjectionReader reader = world.Open();
  EXPECT_EQ((*reader.ReadAccount("A1"))->id, "A1");
  EXPECT_FALSE((*reader.ReadAccount("A2")).has_value());
  EXPECT_FALSE((*reader.ReadAccount("A")).has_value());
}

TEST(ProjectionReaderTest, ManyMembersAreAllVisitedOnce) {
  ProjectionWorld world(1);
  std::set<std::string> expected;
  for (int i = 0; i < 2'000; ++i) {  // more than are read at a time
    expected.insert(absl::StrCat("A", i));
    world.Add(Managed(absl::StrCat("A", i), "2026-01-01", "M7"));
  }
  world.Add(Managed("B", "2026-01-01", "M70"));
  const ProjectionReader reader = world.Open();
  const std::vector<std::string> members = MembersAt(reader, "manager:M7", "2026-01-05");
  EXPECT_EQ(std::set<std::string>(members.begin(), members.end()), expected);
  EXPECT_EQ(members.size(), expected.size());
  EXPECT_EQ(MembersAt(reader, "portfolio:all", "2026-01-05").size(), expected.size() + 1);
}

ProjectionReader ReaderOf(const Catalog& catalog, std::deque<MemoryStore>& disks, const std::vector<int>& partitions) {
  std::vector<ShardSource> sources;
  for (int partition : partitions) {
    disks.emplace_back(MergeStored);
    sources.push_back({partition, std::make_unique<SharedStore>(disks.back())});
  }
  absl::StatusOr<ProjectionReader> reader = ProjectionReader::Open(catalog, std::move(sources));
  EXPECT_TRUE(reader.ok()) << reader.status();
  return *std::move(reader);
}

TEST(ProjectionReaderTest, HolesAmongThePartitionsAreRefused) {
  const Catalog catalog = DefaultCatalog();
  std::deque<MemoryStore> disks;
  EXPECT_TRUE(ReaderOf(catalog, disks, {0}).CheckComplete().ok());
  EXPECT_TRUE(ReaderOf(catalog, disks, {2, 0, 1}).CheckComplete().ok());
  const absl::Status holes = ReaderOf(catalog, disks, {1, 8, 4}).CheckComplete();
  EXPECT_TRUE(absl::IsFailedPrecondition(holes)) << holes;
  EXPECT_THAT(std::string(holes.message()), HasSubstr("partitions 0, 2-3, 5-7 are not on this machine"));
}

TEST(ProjectionReaderTest, AShardKnowsHowManyThereAre) {
  const Catalog catalog = DefaultCatalog();
  const UpdateFormat format{UpdateFormat::Encoding::kProtobuf};
  MemoryStore disk(MergeStored);
  auto shard = AccountShard::Open(Gathering(std::make_unique<SharedStore>(disk)), catalog, format,
                                  {"cluster", "events", 0, /*topic_partitions=*/3});
  ASSERT_TRUE(shard.ok()) << shard.status();
  const MemoryRecord opened = RecordOf("2026-01-05", Opened("A1"));
  const Record record = RecordFrom(opened, 0);
  ASSERT_TRUE((*shard)->Fold(std::span(&record, 1)).ok());
  ASSERT_TRUE((*shard)->PrepareCommit().ok());
  ASSERT_TRUE((*shard)->PostCommit().ok());
  std::vector<ShardSource> sources;
  sources.push_back({0, std::make_unique<SharedStore>(disk)});
  const absl::StatusOr<ProjectionReader> reader = ProjectionReader::Open(catalog, std::move(sources));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT(std::string(reader->CheckComplete().message()), HasSubstr("partitions 1-2 are not on this machine"));
}

TEST(ProjectionReaderTest, SaysWhichShardsTakePartAndWhichAreBehind) {
  ProjectionWorld world;
  world.Add(Opened("A1"), "2026-01-05");  // partition 1
  world.Add(Opened("A2"), "2026-01-03");  // partition 2
  const ProjectionReader reader = world.Open();
  EXPECT_EQ(reader.Describe(),
            "3 shards: 0-2, stream time 2026-01-05T12:00:00Z; behind: 0 (nothing folded), 2 (2026-01-03T12:00:00Z); "
            "seen at offset 0: nothing stored, 1: 1, 2: 1");
  EXPECT_EQ(*reader.LatestDay(), *ParseDay("2026-01-05"));
  world.Add(ClockAdvanced("2026-01-06"), "2026-01-06");
  EXPECT_EQ(world.Open().Describe(),
            "3 shards: 0-2, stream time 2026-01-06T12:00:00Z; seen at offset 0: 1, 1: 2, 2: 2");
}

TEST(ProjectionReaderTest, ShardsThatFoldedNothingHaveNoDay) {
  ProjectionWorld world(1);
  const ProjectionReader reader = world.Open();
  EXPECT_EQ(reader.Describe(), "1 shard: 0, stream time none; seen at offset 0: nothing stored");
  EXPECT_TRUE(absl::IsFailedPrecondition(reader.LatestDay().status()));
}

TEST(ProjectionReaderTest, AnAccountThatIsNotFoundMayBeInAShardThatIsNotStored) {
  ProjectionWorld world;
  EXPECT_EQ(world.Open().WhyNotFound(),
            "; nothing is stored yet of partitions 0-2: it may be there when their worker has flushed what it folds");
  world.Add(Opened("A1"));
  world.Add(Opened("A2"));
  const ProjectionReader reader = world.Open();
  EXPECT_THAT(reader.WhyNotFound(), StartsWith("; nothing is stored yet of partition 0: "));
  EXPECT_FALSE(reader.moments()[0].stored);
  EXPECT_EQ(reader.moments()[1].partition, 1);
  EXPECT_EQ(reader.moments()[1].next_offset, 1);
  world.Add(ClockAdvanced("2026-01-06"));
  EXPECT_EQ(world.Open().WhyNotFound(), "");
}

TEST(ProjectionReaderTest, ShardsOfOtherDefinitionsOrFormatsAreRefused) {
  ProjectionWorld world;
  world.Add(Opened("A1"));
  KpiSettings settings;
  settings.fiscal_year_start_month = 4;
  const Catalog other = DefaultCatalog(settings);
  const absl::Status status = world.Open(other).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("shard 1 "), HasSubstr(world.catalog().hash()), HasSubstr(other.hash())));

  v1::ShardMeta meta;
  ASSERT_TRUE(meta.ParseFromString(**world.disk(1).Get(MetaKey())));
  meta.set_format_version(kFormatVersion + 1);
  StoreBatch batch;
  batch.Put(MetaKey(), meta.SerializeAsString());
  ASSERT_TRUE(world.disk(1).Write(batch).ok());
  EXPECT_THAT(std::string(world.Open(world.catalog()).status().message()), HasSubstr("storage format"));
}

}  // namespace
}  // namespace keyfold
