// The clock of the input topic: a clock_advanced at every civil midnight, so that windows slide where nothing happens.
#ifndef KEYFOLD_RUN_CLOCK_H_
#define KEYFOLD_RUN_CLOCK_H_

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/calendar.h"
#include "config/config.h"
#include "kafka/connection.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// What there is to do at an instant.
struct ClockTurn {
  std::optional<Day> due;  // the day whose midnight is to be written; nullopt: nothing
  absl::Duration wait;     // look again after it: positive, and at most a minute, because the wall clock may be set
};

// Pure: what is due at `now` when the midnight of `written` was the last to be written (nullopt: none yet). It is the
// midnight that began the day, however many were missed before it. While the wall clock stands before what was written,
// nothing is due.
ClockTurn TurnAt(const Calendar& calendar, absl::Time now, std::optional<Day> written);

// The event of the day's first instant. Every writer makes the same one, so that several do no harm.
v1::AccountEvent MidnightEvent(const Calendar& calendar, Day day);

// Where midnights are written, and how the brokers are asked for the time.
struct ClockTopics {
  KafkaConnection connection;
  std::string events;            // the input
  std::string partials;          // the first of the two that the brokers stamp (LogAppendTime) tells their time
  std::string transactional_id;  // of the question
};
ClockTopics ClockTopicsOf(const KafkaConnection& connection, const Config& config);

// Whether the brokers' clock bears out that the day has begun: it may be ten minutes slow. FailedPrecondition: it does
// not, so this machine's clock is wrong.
absl::Status CheckMidnight(const Calendar& calendar, Day day, absl::Time brokers_now);

// Writes that event to every partition that the topic has by now, with the midnight as the record's timestamp, and
// waits until it is there. After an error some partitions may have it: to write it again is harmless. Where the brokers
// can be asked for the time, nothing is written that contradicts it.
// FailedPrecondition: there is no such topic, or CheckMidnight() says so. Cancelled: `stopped` said so.
absl::Status WriteMidnight(const ClockTopics& topics, const Calendar& calendar, Day day,
                           const std::function<bool()>& stopped);

// Remembers what was written. Not thread-safe.
class Clock {
 public:
  // `write` puts a day's midnight into the topic.
  Clock(const Calendar& calendar, std::function<absl::Status(Day)> write);

  // Writes what is due at `now`; how long to wait then. After an error, which is that of `write`, it is still due.
  absl::StatusOr<absl::Duration> Tick(absl::Time now);

 private:
  const Calendar calendar_;
  const std::function<absl::Status(Day)> write_;
  std::optional<Day> written_;
};

// What a clock asks while it runs.
struct ClockQuestions {
  std::function<bool()> stopped;                            // shall it end?
  std::function<bool()> elected;                            // is it this process that writes, now?
  std::function<bool(const absl::Status&)> worth_retrying;  // of an error in writing
};

// Ticks whenever elected, until stopped. Logs errors and tries again, waiting longer and longer; ends with the first
// one that is not worth it. Blocks.
absl::Status RunClock(Clock& clock, const ClockQuestions& questions);

// A clock beside the workers of a process: a thread of its own, which no error ends.
class ClockTicker {
 public:
  // Starts the thread. It writes today's midnight once `elected` says that this process is the one that writes, and
  // every midnight from then on while it does. `elected` is called about once a second, by that thread. The thread ends
  // when `stop` is set, which must live as long as this.
  ClockTicker(const ClockTopics& topics, const Calendar& calendar, std::function<bool()> elected,
              const std::atomic<bool>& stop);

  // Ends the thread, also where `stop` is not set; where brokers do not answer, that takes some seconds.
  ~ClockTicker();

  ClockTicker(const ClockTicker&) = delete;
  ClockTicker& operator=(const ClockTicker&) = delete;

 private:
  std::atomic<bool> closing_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace keyfold

#endif  // KEYFOLD_RUN_CLOCK_H_
