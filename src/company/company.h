// A company that never existed, with key accounts that people can tell apart and stories that they can follow: what the
// demo shows. (sample/ has histories of any size, and with everything that can be wrong with events.)
#ifndef KEYFOLD_COMPANY_COMPANY_H_
#define KEYFOLD_COMPANY_COMPANY_H_

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/calendar.h"
#include "company/life.h"
#include "keyfold/v1/account_event.pb.h"
#include "sample/random_numbers.h"

namespace keyfold {

struct CompanyOptions {
  int64_t accounts = 60;
  uint64_t seed = 1;
  Day from = 19'570;                       // 2023-08-01; the accounts that were there before are opened on this day
  Day to = 20'453;                         // 2025-12-31; the stories have their present then
  std::string reporting_currency = "EUR";  // that the rates lead to: EUR, USD or GBP
};

// The first day of a history of thirty months that ends on `to`.
Day CompanyBegin(Day to);

// The same options give the same records on every machine, and every event is valid. Events come in the order of their
// occurred_at; those of the year and a half before `from` are an invoice per account and month. Not thread-safe.
class Company {
 public:
  // InvalidArgument names the option.
  static absl::StatusOr<std::unique_ptr<Company>> Create(const CompanyOptions& options);

  Company(const Company&) = delete;
  Company& operator=(const Company&) = delete;

  // Overwrites `event` with the next one that occurs before `until_ms` (since the epoch). False: there is none.
  bool NextBefore(int64_t until_ms, v1::AccountEvent& event);

  // Overwrites `event` with what is due next, as of `now_ms`: called every second, a day passes in a minute. Orders are
  // a tenth of their size, so that an hour of it does not outweigh a year. What was due before comes first.
  void NextNow(int64_t now_ms, v1::AccountEvent& event);

  // Empty: there is no such account.
  std::string_view NameOf(std::string_view account_id) const;

 private:
  struct DueLater {
    bool operator()(const Step& left, const Step& right) const {
      return left.due_ms != right.due_ms ? left.due_ms > right.due_ms : left.sequence > right.sequence;
    }
  };

  explicit Company(const CompanyOptions& options);

  // Takes the first step. False: nothing came of it.
  bool Take(int64_t now_ms, Pace pace, v1::AccountEvent& event);

  SampleRandom random_;
  std::vector<Member> cast_;
  Life life_;
  std::priority_queue<Step, std::vector<Step>, DueLater> steps_;
  std::vector<Step> next_;  // of one event
  uint64_t last_sequence_ = 0;
  int64_t last_ms_ = 0;  // when the latest event occurred
};

}  // namespace keyfold

#endif  // KEYFOLD_COMPANY_COMPANY_H_
