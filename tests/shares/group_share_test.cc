// What gateways tell each other of a group comes back as it was, and adds up to what one with all shards says.
#include "shares/group_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ask/projection_world.h"

namespace keyfold {
namespace {

const std::vector<Day> kDays = {*ParseDay("2026-01-02"), *ParseDay("2026-01-05")};

template <typename Share>
v1::GroupShare Sent(const Share& share) {
  v1::GroupShare message;
  Put(share, message);
  v1::GroupShare received;
  EXPECT_TRUE(received.ParseFromString(message.SerializeAsString()));
  return received;
}

class GroupShareTest : public ::testing::Test {
 protected:
  GroupShareTest() : world_(2) {
    world_.Add(Managed("A1", "2026-01-01", "M7"));
    world_.Add(Invoice("A1", "2026-01-02", 12'500));
    world_.Add(Managed("A2", "2026-01-01", "M7"));
    world_.Add(Invoice("A2", "2026-01-03", 700));
    world_.Add(Managed("A3", "2026-01-04", "M7"));
    world_.Add(Invoice("A3", "2026-01-04", -99));
  }

  const Catalog& catalog() const { return world_.catalog(); }

  std::map<Day, FoldedValues> SeriesOf(const GroupSeriesShare& share) const {
    std::map<Day, FoldedValues> series;
    VisitGroupSeries(catalog(), "manager:M7", kDays, catalog().kpis(), share,
                     [&](Day day, const FoldedValues& values) { series[day] = values; });
    return series;
  }

  ExplainQuestion Question(size_t limit) const {
    ExplainQuestion question;
    question.id = "manager:M7";
    question.kpi = *catalog().FindKpi("revenue_t12m");
    question.day = kDays[1];
    question.since = kDays[0];
    question.limit = limit;
    return question;
  }

  ProjectionWorld world_;
};

TEST_F(GroupShareTest, SharesOfSeriesAddUpToTheWhole) {
  GroupSeriesShare sum{false, std::vector<GroupSums>(kDays.size(), GroupSums(catalog()))};
  for (size_t partition : {0, 1}) {
    const auto share = ReadGroupShare(world_.Open({partition}), "manager:M7", kDays);
    ASSERT_TRUE(share.ok()) << share.status();
    const std::optional<GroupSeriesShare> received = SeriesIn(catalog(), kDays.size(), Sent(*share));
    ASSERT_TRUE(received.has_value());
    EXPECT_EQ(received->sums, share->sums);
    Add(*received, sum);
  }
  const auto whole = ReadGroupShare(world_.Open(), "manager:M7", kDays);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(sum.any, whole->any);
  EXPECT_EQ(sum.sums, whole->sums);
  EXPECT_EQ(SeriesOf(sum)[kDays[1]].accounts, 3);
}

TEST_F(GroupShareTest, SharesOfExplanationsKeepTheMembersThatMatterMost) {
  for (size_t limit : {1, 2, 5}) {
    const ExplainQuestion question = Question(limit);
    std::optional<ExplanationShare> sum;
    for (size_t partition : {0, 1}) {
      const auto share = ReadExplanationShare(world_.Open({partition}), question);
      ASSERT_TRUE(share.ok()) << share.status();
      std::optional<ExplanationShare> received = ExplanationIn(catalog(), question.kpi, Sent(*share));
      ASSERT_TRUE(received.has_value());
      if (sum.has_value()) Add(question, *std::move(received), *sum);
      if (!sum.has_value()) sum = std::move(received);
    }
    const auto whole = ReadExplanationShare(world_.Open(), question);
    ASSERT_TRUE(whole.ok());
    EXPECT_EQ(sum->sums, whole->sums);
    EXPECT_EQ(sum->sums_since, whole->sums_since);
    ASSERT_EQ(sum->components.size(), whole->components.size());
    for (size_t i = 0; i < sum->components.size(); ++i) {
      const MembersShare& added = sum->components[i];
      const MembersShare& expected = whole->components[i];
      EXPECT_EQ(added.count, expected.count);
      EXPECT_TRUE(added.amount == expected.amount && added.amount_since == expected.amount_since);
      ASSERT_EQ(added.members.size(), expected.members.size());
      for (size_t j = 0; j < added.members.size(); ++j) {
        EXPECT_EQ(added.members[j].account_id, expected.members[j].account_id);
        EXPECT_EQ(added.members[j].amount, expected.members[j].amount);
        EXPECT_EQ(added.members[j].amount_since, expected.members[j].amount_since);
      }
    }
  }
}

TEST_F(GroupShareTest, IntegersOfAnySizeComeBack) {
  const ExplainQuestion question = Question(1);
  auto share = ReadExplanationShare(world_.Open(), question);
  ASSERT_TRUE(share.ok());
  for (const __int128 amount : {__int128{0}, __int128{-1}, __int128{1} << 100, -(__int128{1} << 100) - 7}) {
    share->components[0].amount = amount;
    const auto received = ExplanationIn(catalog(), question.kpi, Sent(*share));
    ASSERT_TRUE(received.has_value());
    EXPECT_TRUE(received->components[0].amount == amount);
  }
}

TEST_F(GroupShareTest, AShareOfSomethingElseIsNone) {
  const auto share = ReadGroupShare(world_.Open(), "manager:M7", kDays);
  ASSERT_TRUE(share.ok());
  EXPECT_FALSE(SeriesIn(catalog(), 1, Sent(*share)).has_value());
  EXPECT_FALSE(ExplanationIn(catalog(), Question(1).kpi, Sent(*share)).has_value());
  const auto extended = catalog().WithFormula("formula", "sum(revenue, trailing 3 d)", "money");
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_FALSE(SeriesIn(*extended, kDays.size(), Sent(*share)).has_value());
}

TEST_F(GroupShareTest, MomentsComeBack) {
  const ProjectionReader reader = world_.Open();
  v1::GroupShare message;
  Put(reader.moments(), message);
  const std::vector<ShardMoment> received = MomentsIn(message);
  ASSERT_EQ(received.size(), reader.moments().size());
  for (size_t i = 0; i < received.size(); ++i) {
    EXPECT_EQ(received[i].partition, reader.moments()[i].partition);
    EXPECT_EQ(received[i].next_offset, reader.moments()[i].next_offset);
    EXPECT_EQ(received[i].stream_time_ms, reader.moments()[i].stream_time_ms);
    EXPECT_EQ(received[i].stored, reader.moments()[i].stored);
    EXPECT_EQ(received[i].written_at, reader.moments()[i].written_at);
  }
}

}  // namespace
}  // namespace keyfold
