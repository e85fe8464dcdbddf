#include "report/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace keyfold {
namespace {

constexpr int kBarWidth = 30;
constexpr int64_t kClockEvery = 64;  // a look at the clock costs more than most of what is counted

int64_t PerSecond(const ProgressState& state) {
  const double seconds = absl::ToDoubleSeconds(state.elapsed);
  return seconds > 0 ? static_cast<int64_t>(static_cast<double>(state.done) / seconds) : 0;
}

int Percent(const ProgressState& state) {
  return static_cast<int>(
      std::min<int64_t>(100, static_cast<int64_t>(static_cast<__int128>(state.done) * 100 / state.total)));
}

// "1:02:03" or "2:03"; "?" while nothing can be said.
std::string TimeLeft(const ProgressState& state) {
  const int64_t rate = PerSecond(state);
  if (rate == 0) return "?";
  const int64_t seconds = std::max<int64_t>(0, state.total - state.done) / rate;
  if (seconds < 3600) return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

}  // namespace

std::string ProgressBar(const ProgressState& state, const std::string& unit) {
  const std::string count = absl::StrCat(Grouped(state.done), " ", unit, "  ", Grouped(PerSecond(state)), "/s");
  if (state.total <= 0) return count;
  const int percent = Percent(state);
  const int filled = kBarWidth * percent / 100;
  return absl::StrFormat("[%s%s] %3d %%  %s  ETA %s", std::string(static_cast<size_t>(filled), '#'),
                         std::string(static_cast<size_t>(kBarWidth - filled), '.'), percent, count, TimeLeft(state));
}

std::string ProgressLine(const ProgressState& state, const std::string& unit) {
  if (state.total <= 0) return absl::StrCat(state.done, " ", unit, ", ", PerSecond(state), "/s");
  return absl::StrCat(state.done, " of ", state.total, " ", unit, " (", Percent(state), " %), ", PerSecond(state),
                      "/s, ", TimeLeft(state), " left");
}

Progress::Progress(std::ostream& out, std::string unit, bool bar)
    : out_(out), unit_(std::move(unit)), bar_(bar), begin_(absl::Now()), shown_(begin_) {}

Progress::Progress(std::string unit) : Progress(std::cerr, std::move(unit), isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (!line_open_) return;
  Show();  // as it was at the end
  out_ << std::endl;
}

void Progress::Advance(int64_t count) {
  const int64_t before = state_.done;
  state_.done += count;
  if (before / kClockEvery == state_.done / kClockEvery) return;
  const absl::Duration interval = bar_ ? absl::Milliseconds(100) : absl::Seconds(1);
  if (absl::Now() - shown_ >= interval) Show();
}

void Progress::Show() {
  shown_ = absl::Now();
  state_.elapsed = shown_ - begin_;
  if (bar_) {
    out_ << "\r\033[K" << ProgressBar(state_, unit_) << std::flush;
    line_open_ = true;
  } else {
    out_ << ProgressLine(state_, unit_) << std::endl;
  }
}

}  // namespace keyfold
