// How far a long-running verb has come: a bar on a terminal, a plain line every second elsewhere.
#ifndef KEYFOLD_REPORT_PROGRESS_H_
#define KEYFOLD_REPORT_PROGRESS_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace keyfold {

struct ProgressState {
  int64_t done = 0;
  int64_t total = 0;  // 0: not known
  absl::Duration elapsed;
};

// "[#####.....]  50 %  1,234,567 records  61,728/s  ETA 0:20"; without a total only count and rate.
std::string ProgressBar(const ProgressState& state, const std::string& unit);

// "1234567 of 2469134 records (50 %), 61728/s, 0:20 left"
std::string ProgressLine(const ProgressState& state, const std::string& unit);

// Not thread-safe.
class Progress {
 public:
  // Writes to `out`, which outlives this. `bar`: redraws one line, as terminals can.
  Progress(std::ostream& out, std::string unit, bool bar);

  // To standard error, with a bar if that is a terminal.
  explicit Progress(std::string unit);

  // Ends the bar's line.
  ~Progress();

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // 0: not known.
  void SetTotal(int64_t total) { state_.total = total; }

  // Cheap: the clock is read now and then, and the display follows the clock.
  void Advance(int64_t count = 1);

  // Shows the state as it is now.
  void Show();

  int64_t done() const { return state_.done; }

 private:
  std::ostream& out_;
  const std::string unit_;
  const bool bar_;
  const absl::Time begin_;
  absl::Time shown_;
  ProgressState state_;
  bool line_open_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_REPORT_PROGRESS_H_
