// A group and its members against an earlier date: the values are those of an offline fold at the two days.
#include "ask/portfolio.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <set>

#include "ask/projection_world.h"
#include "state/account_reader.h"
#include "support/random_history.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PortfolioTest : public ::testing::Test {
 protected:
  PortfolioQuestion QuestionOf(const std::string& group_id, const char* by = "revenue_ytd") {
    PortfolioQuestion question;
    question.group_id = group_id;
    question.day = *ParseDay("2026-03-01");
    question.since = *ParseDay("2026-02-01");
    question.by = *world_.catalog().FindKpi(by);
    question.columns = {*world_.catalog().FindKpi("customers"), *world_.catalog().FindKpi("nps")};
    return question;
  }
  Portfolio Ask(const PortfolioQuestion& question) {
    const ProjectionReader reader = world_.Open();
    absl::StatusOr<Portfolio> portfolio = AskPortfolio(reader, question);
    EXPECT_TRUE(portfolio.ok()) << portfolio.status();
    return *std::move(portfolio);
  }

  // "1 A2", "- A3"
  static std::vector<std::string> Ranked(const Portfolio& portfolio) {
    std::vector<std::string> rows;
    for (const MemberRow& member : portfolio.members) {
      rows.push_back((member.rank > 0 ? std::to_string(member.rank) : "-") + " " + member.account_id);
    }
    return rows;
  }
  // "A1 2026-02-03 manager:M8"
  static std::vector<std::string> Moves(const std::vector<MoveRow>& moves) {
    std::vector<std::string> rows;
    for (const MoveRow& move : moves) {
      rows.push_back(move.account_id + " " + FormatDay(move.day) + " " + move.other_group);
    }
    return rows;
  }

  ProjectionWorld world_;
};

TEST_F(PortfolioTest, MembersRankByValueThenById) {
  for (const auto& [id, minor] : {std::pair("A4", 100), std::pair("A2", 300), std::pair("A3", 100)}) {
    world_.Add(Managed(id, "2026-01-01", "M7"));
    world_.Add(Invoice(id, "2026-01-02", minor));
  }
  world_.Add(Invoice("A9", "2026-01-02", 900));  // of no manager
  EXPECT_THAT(Ranked(Ask(QuestionOf("manager:M7"))), ElementsAre("1 A2", "2 A3", "3 A4"));
  PortfolioQuestion first = QuestionOf("manager:M7");
  first.limit = 2;
  const Portfolio limited = Ask(first);
  EXPECT_THAT(Ranked(limited), ElementsAre("1 A2", "2 A3"));
  EXPECT_EQ(limited.accounts, 3);
}

TEST_F(PortfolioTest, WhereLessIsBetterTheLeastIsFirstAndUndefinedValuesAreLast) {
  for (const char* id : {"A1", "A2", "A3"}) world_.Add(Managed(id, "2026-01-01", "M7"));
  for (const auto& [id, cost] : {std::pair("A1", 50), std::pair("A3", 10)}) {
    world_.Add(Invoice(id, "2026-01-02", 100));
    world_.Add(At("2026-01-02", "cost_booked { cost_id: 'C' kind: ACQUISITION" + Money("amount", cost) + "}",
                  {.account_id = id}));
  }
  const Portfolio portfolio = Ask(QuestionOf("manager:M7", "acquisition_cost_ratio"));
  EXPECT_THAT(Ranked(portfolio), ElementsAre("1 A3", "2 A1", "- A2"));
  EXPECT_EQ(portfolio.members[0].value.value, 0.1);
  EXPECT_TRUE(std::isnan(portfolio.members[2].value.value));
}

TEST_F(PortfolioTest, AMemberShowsWhatItIsAndWhatItWas) {
  world_.Add(At("2026-01-01", "account_opened { name: 'First' }", {.account_id = "A1"}));
  world_.Add(At("2026-02-10", "account_classified { name: 'Second' }", {.account_id = "A1"}));
  world_.Add(At("2026-03-02", "account_classified { name: 'Later' }", {.account_id = "A1"}));
  world_.Add(Managed("A1", "2026-01-01", "M7"));
  world_.Add(Designated("A1", "2026-02-05", "GROWTH"));
  world_.Add(Invoice("A1", "2026-01-02", 100));
  world_.Add(Invoice("A1", "2026-02-02", 250));
  world_.Add(Invoice("A1", "2026-03-02", 999));  // after the day
  const Portfolio portfolio = Ask(QuestionOf("manager:M7"));
  ASSERT_EQ(portfolio.members.size(), 1u);
  const MemberRow& member = portfolio.members[0];
  EXPECT_EQ(member.name, "Second");
  EXPECT_EQ(member.tier, "GROWTH");
  EXPECT_EQ(member.manager_id, "M7");
  EXPECT_EQ(member.value.value, 3.5);
  EXPECT_EQ(member.value.since, 1.0);
  EXPECT_EQ(member.value.change(), 2.5);
  EXPECT_EQ(member.columns[0], 1.0);
  EXPECT_TRUE(std::isnan(member.columns[1]));
}

TEST_F(PortfolioTest, SaysWhoCameAndWhoWent) {
  world_.Add(Managed("A1", "2026-01-01", "M8"));
  world_.Add(Managed("A1", "2026-02-03", "M7"));  // came from M8
  world_.Add(Managed("A2", "2026-01-01", "M7"));
  world_.Add(Managed("A2", "2026-02-20", "M9"));  // went to M9
  world_.Add(Managed("A3", "2026-01-01", "M7"));
  world_.Add(Managed("A3", "2026-02-10", ""));    // went nowhere
  world_.Add(Managed("A4", "2026-02-27", "M7"));  // is new
  world_.Add(Managed("A5", "2026-01-01", "M7"));
  world_.Add(Managed("A5", "2026-02-05", "M8"));
  world_.Add(Managed("A5", "2026-02-06", "M7"));  // away and back: stayed
  world_.Add(Managed("A6", "2026-03-02", "M7"));  // after the day
  world_.Add(Managed("A7", "2026-01-01", "M7"));  // gone without a trace
  world_.Erase("A7");
  const Portfolio portfolio = Ask(QuestionOf("manager:M7"));
  EXPECT_EQ(portfolio.accounts, 3);
  EXPECT_EQ(portfolio.accounts_since, 3);
  EXPECT_THAT(Ranked(portfolio), ElementsAre("1 A1", "2 A4", "3 A5"));
  EXPECT_THAT(Moves(portfolio.joined), ElementsAre("A4 2026-02-27 ", "A1 2026-02-03 manager:M8"));
  EXPECT_THAT(Moves(portfolio.left), ElementsAre("A2 2026-02-20 manager:M9", "A3 2026-02-10 "));
  PortfolioQuestion one = QuestionOf("manager:M7");
  one.limit = 1;
  const Portfolio limited = Ask(one);
  EXPECT_THAT(Moves(limited.joined), ElementsAre("A4 2026-02-27 "));
  EXPECT_EQ(limited.joined_accounts, 2);
  EXPECT_EQ(limited.left_accounts, 2);
}

TEST_F(PortfolioTest, KeyAccountsComeAndGoWithTheirDesignation) {
  world_.Add(Designated("A1", "2026-02-03", "KEY"));
  world_.Add(Designated("A2", "2026-01-03", "KEY"));
  world_.Add(At("2026-02-04", "key_account_released {}", {.account_id = "A2"}));
  const Portfolio portfolio = Ask(QuestionOf("portfolio:key"));
  EXPECT_THAT(Moves(portfolio.joined), ElementsAre("A1 2026-02-03 "));
  EXPECT_THAT(Moves(portfolio.left), ElementsAre("A2 2026-02-04 "));
}

TEST_F(PortfolioTest, NobodyIsThere) {
  world_.Add(Managed("A1", "2026-03-02", "M7"));
  const Portfolio portfolio = Ask(QuestionOf("manager:M7"));
  EXPECT_EQ(portfolio.accounts, 0);
  EXPECT_EQ(portfolio.accounts_since, 0);
  EXPECT_THAT(portfolio.kpis, IsEmpty());
  EXPECT_THAT(portfolio.members, IsEmpty());
}

// What the portfolio says of the group at one of its two days.
std::vector<std::pair<std::string, double>> KpisOf(const Catalog& catalog, const Portfolio& portfolio,
                                                   double ValueSince::*at) {
  std::vector<std::pair<std::string, double>> kpis;
  for (const GroupKpi& kpi : portfolio.kpis) {
    if (!std::isnan(kpi.value.*at)) kpis.emplace_back(catalog.definitions()[kpi.kpi].group_id, kpi.value.*at);
  }
  return kpis;
}

TEST(PortfolioPropertyTest, ValuesAreThoseOfAnOfflineFoldAtBothDays) {
  int64_t joins = 0;
  int64_t departures = 0;
  const bool held = rc::check([&joins, &departures] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    RandomHistory history(seed);
    ProjectionWorld world;
    for (int i = 0; i < 150; ++i) world.Add(history.Next());
    PortfolioQuestion question;
    question.day = world.Open().LatestDay().value_or(*ParseDay("2026-01-01"));
    world.Add(Managed("moves", "2015-01-01", "before"));  // so that somebody always does
    world.Add(Managed("moves", FormatDay(question.day), "after"));
    const ProjectionReader reader = world.Open();
    question.since = question.day - 1 - static_cast<Day>(seed % 400);
    question.by = *world.catalog().FindKpi(seed % 2 == 0 ? "health_score" : "revenue_t12m");
    const std::string& by = world.catalog().definitions()[question.by].id;
    const FoldedById now = world.Groups(question.day);
    const FoldedById before = world.Groups(question.since);
    const FoldedById accounts = world.Accounts(question.day);
    const FoldedById accounts_before = world.Accounts(question.since);
    std::set<std::string> ids;
    for (const auto& [id, values] : now) ids.insert(id);
    for (const auto& [id, values] : before) ids.insert(id);
    for (const std::string& id : ids) {
      question.group_id = id;
      const absl::StatusOr<Portfolio> portfolio = AskPortfolio(reader, question);
      RC_ASSERT(portfolio.ok());
      const FoldedValues at_day = now.contains(id) ? now.at(id) : FoldedValues();
      const FoldedValues at_since = before.contains(id) ? before.at(id) : FoldedValues();
      RC_ASSERT(portfolio->accounts == at_day.accounts);
      RC_ASSERT(portfolio->accounts_since == at_since.accounts);
      RC_ASSERT(portfolio->missing_rates == at_day.missing_rates);
      RC_ASSERT(KpisOf(world.catalog(), *portfolio, &ValueSince::value) == at_day.kpis);
      RC_ASSERT(KpisOf(world.catalog(), *portfolio, &ValueSince::since) == at_since.kpis);
      RC_ASSERT(static_cast<int64_t>(portfolio->members.size()) == at_day.accounts);
      RC_ASSERT(portfolio->joined_accounts - portfolio->left_accounts == at_day.accounts - at_since.accounts);
      joins += portfolio->joined_accounts;
      departures += portfolio->left_accounts;
      for (const MemberRow& member : portfolio->members) {
        const auto defined = [](double value) { return std::isnan(value) ? std::nullopt : std::optional(value); };
        RC_ASSERT(defined(member.value.value) == KpiOf(accounts.at(member.account_id), by));
        RC_ASSERT(defined(member.value.since) == KpiOf(accounts_before.at(member.account_id), by));
      }
    }
  });
  EXPECT_TRUE(held);
  EXPECT_GT(joins, 0);
  EXPECT_GT(departures, 0);
}

}  // namespace
}  // namespace keyfold
