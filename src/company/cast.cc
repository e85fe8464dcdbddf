#include "company/cast.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

struct Trade {
  const char* name;
  const char* industry;
};

struct Region {
  const char* name;
  const char* currency;
};

struct Lead {  // an account with a story
  const char* word;
  int trade;
  Story story;
  v1::KeyAccountDesignated::Tier tier;
};

constexpr const char* kWords[] = {
    "Alder",  "Arden",   "Brae",    "Castell", "Corvin",   "Dorn",     "Dunmore",  "Eider",  "Farsund",
    "Fjord",  "Glenrow", "Gotland", "Havel",   "Hunte",    "Isar",     "Juniper",  "Jura",   "Kolding",
    "Lahnau", "Lune",    "Mistral", "Neckar",  "Oderland", "Pinnacle", "Peene",    "Quill",  "Rowan",
    "Saale",  "Solent",  "Tarn",    "Tweed",   "Umber",    "Vesper",   "Vinterby", "Warthe", "Weser",
    "Wharfe", "Yarrow",  "Zephyr",  "Aller",   "Bode",     "Clyde",    "Drau",     "Ems",    "Iller",
    "Lippe",  "Nahe",    "Ourthe",  "Rur",     "Schlei",   "Trave",    "Unstrut",  "Werra",  "Zschopau",
};
constexpr Trade kTrades[] = {
    {"Foods", "food"},          {"Energy", "energy"},        {"Rail", "transport"},          {"Medical", "healthcare"},
    {"Paper", "packaging"},     {"Optics", "manufacturing"}, {"Machinery", "manufacturing"}, {"Logistics", "transport"},
    {"Chemicals", "chemicals"}, {"Packaging", "packaging"},
};
constexpr Lead kLeads[] = {
    {"Birken", 0, Story::kInTrouble, v1::KeyAccountDesignated::STRATEGIC},
    {"Norden", 2, Story::kGrowing, v1::KeyAccountDesignated::GROWTH},
    {"Elbtal", 1, Story::kLapsing, v1::KeyAccountDesignated::KEY},
    {"Helvet", 3, Story::kOnPlan, v1::KeyAccountDesignated::STRATEGIC},
    {"Garonne", 4, Story::kLost, v1::KeyAccountDesignated::KEY},
    {"Kestrel", 5, Story::kWonBack, v1::KeyAccountDesignated::KEY},
};
constexpr int64_t kElbtal = 2;
constexpr int64_t kElbtalMembersEnd = 8;  // the two accounts after the leads belong to it
constexpr Region kRegions[] = {{"DACH", "EUR"},           {"DACH", "EUR"},         {"DACH", "EUR"},
                               {"Benelux", "EUR"},        {"Nordics", "EUR"},      {"France", "EUR"},
                               {"UK and Ireland", "GBP"}, {"North America", "USD"}};
constexpr const char* kManagers[] = {"M. Keller", "S. Lindqvist", "R. Okafor"};

// Of ten accounts: two strategic or key, and so on. The rest are customers like others.
constexpr v1::KeyAccountDesignated::Tier kTiers[] = {
    v1::KeyAccountDesignated::STRATEGIC,
    v1::KeyAccountDesignated::KEY,
    v1::KeyAccountDesignated::KEY,
    v1::KeyAccountDesignated::KEY,
    v1::KeyAccountDesignated::GROWTH,
    v1::KeyAccountDesignated::GROWTH,
    v1::KeyAccountDesignated::TIER_UNSPECIFIED,
    v1::KeyAccountDesignated::TIER_UNSPECIFIED,
    v1::KeyAccountDesignated::TIER_UNSPECIFIED,
    v1::KeyAccountDesignated::TIER_UNSPECIFIED,
};

// By tier, the unspecified one first: revenue of a year in thousands, orders of a month.
struct Size {
  int64_t thousands_min;
  int64_t thousands_max;
  int orders_min;
  int orders_max;
};
constexpr Size kSizes[] = {{40, 200, 2, 3}, {1'200, 2'800, 6, 8}, {450, 1'200, 4, 6}, {180, 480, 3, 4}};

constexpr int64_t kMinorPerThousand = 100'000;

void Name(Member& member, const char* word, int trade) {
  member.name = absl::StrCat(word, " ", kTrades[trade].name);
  member.industry = kTrades[trade].industry;
}

void SetCharacter(Member& member, SampleRandom& random) {
  const Size& size = kSizes[member.tier];
  member.segment = member.tier == v1::KeyAccountDesignated::STRATEGIC ? "enterprise"
                   : member.key_account()                             ? "mid-market"
                                                                      : "small";
  member.annual_minor = random.Between(size.thousands_min, size.thousands_max) * kMinorPerThousand;
  member.orders_a_month = static_cast<int>(random.Between(size.orders_min, size.orders_max));
  member.growth = static_cast<int>(random.Between(0, 140));
  member.margin = static_cast<int>(random.Between(290, 400));
  member.satisfaction = static_cast<int>(random.Between(70, 95));
  member.escalations_a_year = static_cast<int>(random.Between(2, member.key_account() ? 14 : 7));
}

void TellStory(Member& member) {
  switch (member.story) {
    case Story::kInTrouble:
      member.margin = 250;
      member.satisfaction = 80;
      member.escalations_a_year = 18;
      return;
    case Story::kGrowing:
      member.growth = 300;
      member.satisfaction = 95;
      return;
    case Story::kLapsing:
      member.growth = 10;
      member.neglected = true;
      return;
    case Story::kOnPlan:
      member.growth = 160;
      member.margin = 350;
      member.satisfaction = 90;
      member.escalations_a_year = 3;
      return;
    case Story::kLost:
      member.growth = 0;
      member.satisfaction = 60;
      return;
    case Story::kWonBack:
      member.satisfaction = 75;
      return;
    case Story::kNone:
      return;
  }
}

// The number of the account that leads the corporate group; its own: it leads one; -1: it belongs to none.
int64_t LeaderOf(int64_t number) {
  constexpr int64_t kEvery = 9;
  if (number == kElbtal || (number >= static_cast<int64_t>(std::size(kLeads)) && number < kElbtalMembersEnd)) {
    return kElbtal;
  }
  if (number < kElbtalMembersEnd) return -1;
  const int64_t place = (number - kElbtalMembersEnd) % kEvery;
  return place < 3 ? number - place : -1;
}

}  // namespace

std::vector<Member> MakeCast(int64_t count, Day from, Day to, SampleRandom& random) {
  constexpr int64_t kFirstId = 1001;
  std::vector<Member> cast;
  std::vector<const char*> words;  // of the accounts
  std::set<std::string> names;
  size_t next_word = static_cast<size_t>(random.Below(std::size(kWords)));
  for (int64_t number = 0; number < count; ++number) {
    Member member;
    const int64_t leader = LeaderOf(number);
    member.account_id = absl::StrCat("K-", kFirstId + number);
    if (leader >= 0) member.parent_id = absl::StrCat("K-", kFirstId + leader);
    const Region& region = kRegions[random.Below(std::size(kRegions))];
    member.manager_id = kManagers[(leader >= 0 ? leader : number) % static_cast<int64_t>(std::size(kManagers))];
    member.opened = from;
    if (number < static_cast<int64_t>(std::size(kLeads))) {
      const Lead& lead = kLeads[number];
      words.push_back(lead.word);
      Name(member, lead.word, lead.trade);
      member.story = lead.story;
      member.tier = lead.tier;
      member.region = kRegions[0].name;
    } else {
      words.push_back(leader >= 0 && leader != number ? words[leader] : kWords[next_word++ % std::size(kWords)]);
      do {
        Name(member, words.back(), static_cast<int>(random.Below(std::size(kTrades))));
      } while (names.contains(member.name));
      member.tier = kTiers[number % static_cast<int64_t>(std::size(kTiers))];
      member.region = region.name;
      member.currency = region.currency;
      member.neglected = number % 14 == 10;
      if (number % 10 == 9) member.opened = from + (to - from) * static_cast<Day>(random.Between(20, 65)) / 100;
    }
    names.insert(member.name);
    SetCharacter(member, random);
    TellStory(member);
    cast.push_back(member);
  }
  return cast;
}

int64_t AnnualPace(const Member& member, Day day, Day to) {
  constexpr int64_t kYear = 365;
  const int64_t pace = member.annual_minor * (1000 * kYear + member.growth * (day - member.opened)) / (1000 * kYear);
  // Falls from all of it at `begin` to so many percent at `end`, and stays there.
  const auto falling = [&](Day begin, Day end, int64_t percent) {
    const int64_t passed = std::clamp(day, begin, end) - begin;
    return pace * (100 * (end - begin) - (100 - percent) * passed) / (100 * (end - begin));
  };
  if (member.story == Story::kInTrouble) return falling(to - kTroubleDays, to, 25);
  if (member.story == Story::kLost) return falling(to - 3 * kLostDays, to - kLostDays, 40);
  if (member.story == Story::kWonBack && day < to - kAwayFromDays) return pace * 8 / 10;
  return pace;
}

}  // namespace keyfold
