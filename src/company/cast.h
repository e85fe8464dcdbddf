// Who there is in the generated company: its accounts, who looks after them, and what becomes of them.
#ifndef KEYFOLD_COMPANY_CAST_H_
#define KEYFOLD_COMPANY_CAST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "keyfold/v1/account_event.pb.h"
#include "sample/random_numbers.h"

namespace keyfold {

// What there is to tell of an account. Days are those before the company's last one.
enum class Story : uint8_t {
  kNone,
  kInTrouble,  // orders shrink for nine months, answers get worse, a critical escalation is open
  kGrowing,    // a fifth a year, by what else it buys
  kLapsing,    // its contract ends in three weeks, nobody has renewed it or had a review
  kOnPlan,     // a year and a half into three years with +25 % at a margin of 30 %
  kLost,       // ever less, until it left four months ago
  kWonBack,    // left fourteen months ago, and came back eight months ago
};

inline constexpr Day kTroubleDays = 270;
inline constexpr Day kPlanDays = 548;
inline constexpr Day kLostDays = 130;
inline constexpr Day kAwayFromDays = 420;  // of the one that was won back
inline constexpr Day kAwayToDays = 240;
inline constexpr Day kUnreviewedDays = 130;  // since when nobody sees to reviews with those that are neglected
inline constexpr Day kLapsesInDays = 21;

struct Member {
  std::string account_id;
  std::string name;
  std::string segment;
  std::string region;
  std::string industry;
  std::string parent_id;  // empty: it belongs to no corporate group
  std::string manager_id;
  v1::KeyAccountDesignated::Tier tier = v1::KeyAccountDesignated::TIER_UNSPECIFIED;  // unspecified: no key account
  Story story = Story::kNone;
  const char* currency = "EUR";
  Day opened = 0;
  int64_t annual_minor = 0;  // revenue of a year at the pace of the day when it was opened
  int growth = 0;            // of that, per mille and year
  int margin = 0;            // contribution margin I, per mille
  int orders_a_month = 1;
  int satisfaction = 0;  // percent
  int escalations_a_year = 0;
  bool neglected = false;  // no executive reviews lately

  bool key_account() const { return tier != v1::KeyAccountDesignated::TIER_UNSPECIFIED; }
};

inline constexpr int64_t kMembersMin = 12;
inline constexpr int64_t kMembersMax = 150;

// The accounts of a company whose history goes from `from` to `to`: those with a story first. All have different names.
// REQUIRES: kMembersMin <= count <= kMembersMax.
std::vector<Member> MakeCast(int64_t count, Day from, Day to, SampleRandom& random);

// What a year would bring at the pace of that day, in minor units, seasons aside. `to` is the company's last day.
int64_t AnnualPace(const Member& member, Day day, Day to);

}  // namespace keyfold

#endif  // KEYFOLD_COMPANY_CAST_H_
