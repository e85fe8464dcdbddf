// A plausible history of accounts that never existed, event by event: what demos, load tests and benchmarks run on.
#ifndef KEYFOLD_SAMPLE_HISTORY_H_
#define KEYFOLD_SAMPLE_HISTORY_H_

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/calendar.h"
#include "keyfold/v1/account_event.pb.h"
#include "sample/random_numbers.h"
#include "sample/script.h"

namespace keyfold {

// Where nothing else is said, a sample ends today (UTC) and began this many days before its end.
constexpr Day kSampleDays = 730;
Day SampleEndByDefault();

struct SampleOptions {
  int64_t accounts = 100;
  int64_t events = 10'000;  // records in all: rates, control events and copies count
  uint64_t seed = 1;
  double zipf_exponent = 1;                // how much busier the busy accounts are; 0: all alike
  Day from = 19'723;                       // 2024-01-01
  Day to = 20'453;                         // 2025-12-31, inclusive
  int64_t erasures = 0;                    // accounts that ask to be forgotten
  std::string reporting_currency = "EUR";  // that the rates lead to: one of kSampleCurrencies
};

enum class SampleStep { kEvent, kErasure, kEnd };

// The same options give the same records on every machine. The monthly rates of all months come first, then events in
// the order of their occurred_at, on working days, but for a few that come late, twice, corrected or withdrawn. Every
// event is valid. Its memory grows with the accounts, not with the events. Not thread-safe.
class SampleHistory {
 public:
  // InvalidArgument names the option.
  static absl::StatusOr<std::unique_ptr<SampleHistory>> Create(const SampleOptions& options);

  SampleHistory(const SampleHistory&) = delete;
  SampleHistory& operator=(const SampleHistory&) = delete;

  // Overwrites `event` with the next one; of an erasure it has only the account_id.
  SampleStep Next(v1::AccountEvent& event);

 private:
  // A record that is published when `emitted_` has come to `release`.
  struct Held {
    int64_t release;
    uint64_t sequence;
    v1::AccountEvent event;
    uint32_t account;
  };
  struct ReleasedLater {
    bool operator()(const Held& left, const Held& right) const {
      return left.release != right.release ? left.release > right.release : left.sequence > right.sequence;
    }
  };
  struct DueLater {
    bool operator()(const SampleTask& left, const SampleTask& right) const {
      return left.due_ms != right.due_ms ? left.due_ms > right.due_ms : left.sequence > right.sequence;
    }
  };

  explicit SampleHistory(const SampleOptions& options);

  // Each makes the next record of its sort, if there is one now.
  bool NextRate(v1::AccountEvent& event);
  bool NextHeld(v1::AccountEvent& event);
  bool NextErasure(v1::AccountEvent& event);
  bool NextClock(v1::AccountEvent& event);

  // Returns the account that the new event belongs to.
  uint32_t NextEvent(v1::AccountEvent& event);

  // Lets events be late, or come again. False: the event is published later.
  bool Disturb(const v1::AccountEvent& event, uint32_t account);
  void Hold(const v1::AccountEvent& event, uint32_t account, int64_t records_later_max);

  SampleTask NextTask();
  bool AccountIsDue() const;
  uint32_t PickAccount();

  // When the next record is published, were records spread evenly over working time.
  int64_t ScheduledMs() const;

  SampleOptions options_;
  SampleRandom random_;
  SampleScript script_;
  ZipfTable frequencies_;

  Day first_monday_ = 0;
  int workdays_per_week_ = 5;
  int64_t first_workday_ = 0;  // counted from first_monday_
  int64_t workdays_ = 0;

  std::vector<SampleAccount> accounts_;  // opened ones; the busiest were opened first
  std::priority_queue<SampleTask, std::vector<SampleTask>, DueLater> tasks_;
  std::priority_queue<Held, std::vector<Held>, ReleasedLater> held_;
  std::vector<SampleTask> follow_ups_;  // of one event

  int64_t emitted_ = 0;
  int64_t rates_emitted_ = 0;
  int64_t erasures_emitted_ = 0;
  uint64_t last_sequence_ = 0;
  Month clock_month_ = 0;
  int64_t last_ms_ = 0;  // when the latest new event occurred
};

}  // namespace keyfold

#endif  // KEYFOLD_SAMPLE_HISTORY_H_
