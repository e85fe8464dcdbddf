#include "company/company.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/currency.h"
#include "company/cast.h"
#include "config/config.h"
#include "event/decoder.h"
#include "event/validation.h"
#include "fold/offline_fold.h"
#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

constexpr int64_t kDayMs = 86'400'000;
constexpr Day kToday = 20'784;  // 2026-11-27, a Friday

CompanyOptions OptionsOf(Day today, uint64_t seed = 1, int64_t accounts = 60) {
  return {.accounts = accounts, .seed = seed, .from = CompanyBegin(today), .to = today};
}

std::unique_ptr<Company> Make(const CompanyOptions& options) {
  auto company = Company::Create(options);
  EXPECT_TRUE(company.ok()) << company.status();
  return company.ok() ? *std::move(company) : nullptr;
}

std::vector<v1::AccountEvent> HistoryOf(Company& company, Day today) {
  std::vector<v1::AccountEvent> events;
  v1::AccountEvent event;
  while (company.NextBefore((today + 1) * kDayMs, event)) events.push_back(event);
  return events;
}

int64_t MillisecondsOf(const v1::AccountEvent& event) {
  return event.occurred_at().seconds() * 1000 + event.occurred_at().nanos() / 1'000'000;
}

using Kpis = std::map<std::string, double>;

// The KPIs of all accounts and groups, by id.
class Folded {
 public:
  explicit Folded(const std::vector<v1::AccountEvent>& events) : catalog_(*LoadCatalog(Config{})) {
    const Decoder decoder(catalog_.reporting_currency());
    const auto on_rejection = [](int64_t offset, const Rejection& rejection) {
      ADD_FAILURE() << offset << ": " << rejection.message;
    };
    int64_t offset = 0;
    for (const v1::AccountEvent& event : events) {
      const std::string bytes = event.SerializeAsString();
      Record record;
      record.key = event.account_id();
      record.value = bytes;
      EXPECT_TRUE(fold_.Add(decoder.Decode(record), ++offset, on_rejection).ok());
    }
    EXPECT_TRUE(fold_.Flush(on_rejection).ok());
  }

  std::map<std::string, Kpis> At(Day day) const {
    std::map<std::string, Kpis> found;
    const auto visit = [&found](const FoldedValues& values) {
      EXPECT_TRUE(values.missing_rates.empty()) << values.id;
      found[values.id] = Kpis(values.kpis.begin(), values.kpis.end());
    };
    EXPECT_TRUE(fold_.VisitAccounts(day, visit).ok());
    EXPECT_TRUE(fold_.VisitGroups(day, visit).ok());
    return found;
  }

  const OfflineFold& fold() const { return fold_; }

 private:
  const Catalog catalog_;
  MemoryStore store_{MergeStored};
  OfflineFold fold_{catalog_, store_};
};

std::map<std::string, std::string> NamesOf(const std::vector<v1::AccountEvent>& events) {
  std::map<std::string, std::string> ids;
  for (const v1::AccountEvent& event : events) {
    if (event.has_account_opened()) ids[event.account_opened().name()] = event.account_id();
  }
  return ids;
}

TEST(CompanyTest, EveryEventIsValidAndTimeRunsForward) {
  const auto company = Make(OptionsOf(kToday));
  const auto events = HistoryOf(*company, kToday);
  EXPECT_GT(events.size(), 20'000u);
  EXPECT_LT(events.size(), 60'000u);
  int64_t last_ms = 0;
  for (const v1::AccountEvent& event : events) {
    ASSERT_EQ(Validate(event, *Currency::Parse("EUR")).problem, "") << event.ShortDebugString();
    ASSERT_GT(MillisecondsOf(event), last_ms);
    last_ms = MillisecondsOf(event);
  }
  const auto opened =
      std::find_if(events.begin(), events.end(), [](const auto& one) { return one.has_account_opened(); });
  ASSERT_NE(opened, events.end());
  EXPECT_EQ(opened->occurred_at().seconds() / 86'400, CompanyBegin(kToday));
  EXPECT_LT(last_ms, (kToday + 1) * kDayMs);
}

TEST(CompanyTest, TheSameSeedAndDayGiveTheSameCompany) {
  const auto texts = [](const CompanyOptions& options) {
    std::vector<std::string> found;
    const auto company = Make(options);
    for (const v1::AccountEvent& event : HistoryOf(*company, options.to)) found.push_back(event.SerializeAsString());
    return found;
  };
  const auto first = texts(OptionsOf(kToday, 1, 12));
  EXPECT_EQ(first, texts(OptionsOf(kToday, 1, 12)));
  EXPECT_NE(first, texts(OptionsOf(kToday, 2, 12)));
}

TEST(CompanyTest, AccountsCanBeToldApart) {
  for (const int64_t accounts : {kMembersMin, int64_t{60}, kMembersMax}) {
    SampleRandom random(7);
    std::set<std::string> names, parents, managers;
    for (const Member& member : MakeCast(accounts, CompanyBegin(kToday), kToday, random)) {
      names.insert(member.name);
      managers.insert(member.manager_id);
      if (!member.parent_id.empty()) parents.insert(member.parent_id);
    }
    EXPECT_EQ(names.size(), static_cast<size_t>(accounts));
    EXPECT_GE(parents.size(), 2u);
    EXPECT_THAT(managers, UnorderedElementsAre("M. Keller", "S. Lindqvist", "R. Okafor"));
  }
  const auto company = Make(OptionsOf(kToday));
  EXPECT_EQ(company->NameOf("K-1001"), "Birken Foods");
  EXPECT_EQ(company->NameOf("K-9999"), "");
}

TEST(CompanyTest, RefusesWhatItCannotTell) {
  EXPECT_TRUE(absl::IsInvalidArgument(Company::Create(OptionsOf(kToday, 1, kMembersMin - 1)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Company::Create(OptionsOf(kToday, 1, kMembersMax + 1)).status()));
  CompanyOptions options = OptionsOf(kToday);
  options.from = kToday - 300;
  EXPECT_TRUE(absl::IsInvalidArgument(Company::Create(options).status()));
  options = OptionsOf(kToday);
  options.reporting_currency = "JPY";
  EXPECT_TRUE(absl::IsInvalidArgument(Company::Create(options).status()));
}

// A company on its last day, and a year before.
struct Told {
  std::map<std::string, std::string> ids;  // by name
  std::map<std::string, Kpis> now;
  std::map<std::string, Kpis> year_ago;
};

// Whatever the day and the seed, what the demo says of its accounts is so.
class CompanyStoryTest : public ::testing::TestWithParam<std::pair<Day, uint64_t>> {
 protected:
  // Each is folded once.
  static const Told& Tell(Day today, uint64_t seed) {
    static std::map<Day, Told> told;
    const auto [found, is_new] = told.try_emplace(today);
    if (!is_new) return found->second;
    const auto company = Make(OptionsOf(today, seed));
    const auto events = HistoryOf(*company, today);
    const Folded folded(events);
    found->second = {NamesOf(events), folded.At(today), folded.At(today - 365)};
    return found->second;
  }

  const Kpis& Now(const std::string& name) const { return told_.now.at(told_.ids.at(name)); }
  const Kpis& AYearAgo(const std::string& name) const { return told_.year_ago.at(told_.ids.at(name)); }

  const Told& told_ = Tell(GetParam().first, GetParam().second);
};

TEST_P(CompanyStoryTest, StoriesAreAsTold) {
  const Kpis& trouble = Now("Birken Foods");
  EXPECT_GE(trouble.at("escalations_severe_open"), 1);
  EXPECT_LT(trouble.at("nps"), AYearAgo("Birken Foods").at("nps"));
  EXPECT_LT(trouble.at("revenue_growth"), -0.1);
  EXPECT_EQ(trouble.at("at_risk"), 1);

  const Kpis& growing = Now("Norden Rail");
  EXPECT_GT(growing.at("revenue_growth"), 0.1);
  EXPECT_GT(growing.at("cross_sell_share"), 0.15);
  EXPECT_GT(growing.at("cross_sell_share"), AYearAgo("Norden Rail").at("cross_sell_share"));

  const Kpis& lapsing = Now("Elbtal Energy");
  EXPECT_EQ(lapsing.at("contracts_due_90d"), 1);
  EXPECT_EQ(lapsing.at("reviews_missing"), 1);

  const Kpis& on_plan = Now("Helvet Medical");
  EXPECT_EQ(on_plan.at("plan_on_track"), 1);
  EXPECT_GE(on_plan.at("contribution_margin_ratio"), 0.30);

  EXPECT_EQ(Now("Garonne Paper").at("customers"), 0);
  EXPECT_EQ(AYearAgo("Garonne Paper").at("customers"), 1);
  EXPECT_EQ(Now("Kestrel Optics").at("key_accounts"), 1);
}

TEST_P(CompanyStoryTest, ThePortfolioIsPlausible) {
  const Kpis& all = told_.now.at("portfolio:all");
  const std::map<std::string, std::pair<double, double>> ranges = {
      {"revenue_t12m", {15e6, 60e6}},
      {"revenue_growth", {-0.05, 0.15}},
      {"book_to_bill", {0.9, 1.1}},
      {"contribution_margin_ratio", {0.28, 0.42}},
      {"contribution_margin_2_ratio", {0.18, 0.36}},
      {"acquisition_cost_ratio", {0.005, 0.05}},
      {"retention_rate", {0.9, 1}},
      {"net_revenue_retention", {0.9, 1.15}},
      {"gross_revenue_retention", {0.8, 1}},
      {"cross_sell_share", {0.03, 0.2}},
      {"up_sell_share", {0.03, 0.12}},
      {"bundle_share", {0.005, 0.08}},
      {"initiatives_active", {5, 40}},
      {"initiatives_completed_t12m", {10, 60}},
      {"escalations_open", {1, 12}},
      {"escalations_severe_open", {1, 5}},
      {"time_to_resolution_hours", {20, 70}},
      {"time_to_resolution_p50_hours", {10, 60}},
      {"time_to_acknowledge_hours", {0.5, 6}},
      {"reopen_rate", {0.01, 0.15}},
      {"nps", {20, 60}},
      {"csat", {0.7, 0.95}},
      {"csat_average", {3.5, 4.6}},
      {"forecast_accuracy", {0.7, 0.97}},
      {"forecast_bias", {-0.15, 0.15}},
      {"forecast_mape", {0.05, 0.5}},
      {"pipeline_open", {2e6, 20e6}},
      {"pipeline_coverage", {0.3, 8}},
      {"win_rate", {0.25, 0.65}},
      {"sales_cycle_days", {30, 120}},
      {"slippage_rate", {0.02, 0.6}},
      {"pipeline_overdue_share", {0, 0.25}},
      {"quote_conversion", {0.35, 0.65}},
      {"quotes_open_amount", {0.1e6, 6e6}},
      {"plan_attainment", {0.9, 1.1}},
      {"plan_margin_headroom", {0, 0.12}},
      {"contract_value_active", {8e6, 45e6}},
      {"contracts_due_90d", {1, 20}},
      {"renewal_rate", {0.75, 1}},
      {"meetings_t90d", {100, 350}},
      {"executive_reviews_t12m", {80, 250}},
      {"reviews_missing", {1, 8}},
      {"stakeholder_coverage", {0.7, 1}},
      {"on_time_delivery", {0.88, 0.99}},
      {"risks_open", {2, 25}},
      {"health_score", {60, 95}},
      {"accounts_at_risk", {1, 12}},
      {"customers", {55, 60}},
      {"key_accounts", {30, 42}},
  };
  for (const auto& [id, range] : ranges) {
    const auto value = all.find(id);
    if (value == all.end()) {
      ADD_FAILURE() << id << " is undefined";
      continue;
    }
    EXPECT_GE(value->second, range.first) << id;
    EXPECT_LE(value->second, range.second) << id;
  }
}

// What is shown beside a value is that of a year ago.
TEST_P(CompanyStoryTest, TheYearBeforeCanBeCompared) {
  const Kpis& now = told_.now.at("portfolio:all");
  const Kpis& year_ago = told_.year_ago.at("portfolio:all");
  for (const char* const id :
       {"revenue_t12m", "net_revenue_retention", "contribution_margin_2_ratio", "plan_attainment"}) {
    EXPECT_GT(now.at(id), 0.8 * year_ago.at(id)) << id;
    EXPECT_LT(now.at(id), 1.2 * year_ago.at(id)) << id;
  }
  EXPECT_NEAR(now.at("nps"), year_ago.at("nps"), 20);
}

TEST_P(CompanyStoryTest, MostKpisOfKeyAccountsAreDefined) {
  size_t defined = 0, accounts = 0, largest = 0;
  for (const auto& [id, kpis] : told_.now) {
    const auto key = kpis.find("key_accounts");
    if (!id.starts_with("K-") || key == kpis.end() || key->second != 1) continue;
    ++accounts;
    defined += kpis.size();
    largest = std::max(largest, kpis.size());
  }
  ASSERT_GT(accounts, 20u);
  EXPECT_GT(defined, accounts * largest * 9 / 10);
}

INSTANTIATE_TEST_SUITE_P(DaysAndSeeds, CompanyStoryTest,
                         ::testing::Values(std::pair<Day, uint64_t>{kToday, 1}, std::pair<Day, uint64_t>{kToday + 1, 2},
                                           std::pair<Day, uint64_t>{kToday + 36, 3},     // 2027-01-02
                                           std::pair<Day, uint64_t>{kToday + 459, 4}));  // 2028-02-29

TEST(CompanyTest, LivesOnAtOnceWithoutOutweighingAYear) {
  const auto company = Make(OptionsOf(kToday));
  auto events = HistoryOf(*company, kToday - 1);
  const double before = Folded(events).At(kToday)["portfolio:all"].at("revenue_t12m");
  const int64_t now_ms = kToday * kDayMs + kDayMs / 2;
  std::set<int> kinds;
  v1::AccountEvent event;
  for (int i = 0; i < 3'600; ++i) {
    company->NextNow(now_ms + i * 1000, event);
    ASSERT_EQ(Validate(event, *Currency::Parse("EUR")).problem, "") << event.ShortDebugString();
    EXPECT_FALSE(event.account_id().empty());
    EXPECT_EQ(MillisecondsOf(event), now_ms + i * 1000);
    kinds.insert(event.payload_case());
    events.push_back(event);
  }
  EXPECT_THAT(kinds, IsSupersetOf({static_cast<int>(v1::AccountEvent::kInvoiceIssued),
                                   static_cast<int>(v1::AccountEvent::kMeetingHeld),
                                   static_cast<int>(v1::AccountEvent::kEscalationOpened),
                                   static_cast<int>(v1::AccountEvent::kEscalationResolved),
                                   static_cast<int>(v1::AccountEvent::kSurveyAnswered),
                                   static_cast<int>(v1::AccountEvent::kOpportunityUpdated),
                                   static_cast<int>(v1::AccountEvent::kContractRenewed)}));
  const double after = Folded(events).At(kToday)["portfolio:all"].at("revenue_t12m");
  EXPECT_GT(after, before);
  EXPECT_LT(after, before * 1.1);
}

// Some of what the source systems send changes nothing, and can be looked at as such.
TEST(CompanyTest, SomeEventsAreWithoutEffectAndSomeAreCorrected) {
  const auto company = Make(OptionsOf(kToday));
  const Folded folded(HistoryOf(*company, kToday));
  int without_effect = 0;
  const auto count = [&without_effect](const std::string&, const EntityRef&, const WithoutEffect&) {
    ++without_effect;
  };
  ASSERT_TRUE(folded.fold().VisitWithoutEffect(count).ok());
  EXPECT_GT(without_effect, 5);
  EXPECT_GT(folded.fold().counts().superseded + folded.fold().counts().applied, 20'000);
}

}  // namespace
}  // namespace keyfold
