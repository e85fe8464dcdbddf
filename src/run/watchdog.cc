#include "run/watchdog.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

namespace keyfold {

Watchdog::Call::Call(Watchdog& watchdog, std::string what) : watchdog_(watchdog) {
  const absl::MutexLock lock(&watchdog_.mutex_);
  watchdog_.calls_.emplace(this, Begun{std::move(what), absl::Now()});
}

Watchdog::Call::~Call() {
  const absl::MutexLock lock(&watchdog_.mutex_);
  watchdog_.calls_.erase(this);
}

Watchdog::Watchdog(absl::Duration call_max, std::function<void(const std::string& message)> on_hang)
    : call_max_(call_max), on_hang_(std::move(on_hang)) {
  if (call_max_ > absl::ZeroDuration()) thread_ = std::thread([this] { Run(); });
}

Watchdog::~Watchdog() {
  {
    const absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Run() {
  const absl::Duration look_every = std::clamp(call_max_ / 10, absl::Milliseconds(1), absl::Seconds(1));
  std::optional<std::string> hung;
  {
    const absl::MutexLock lock(&mutex_);
    while (!hung.has_value()) {
      if (mutex_.AwaitWithTimeout(absl::Condition(&ending_), look_every)) return;
      const absl::Time now = absl::Now();
      for (const auto& [call, begun] : calls_) {
        if (now - begun.at > call_max_) hung = begun.what;
      }
    }
  }
  on_hang_(absl::StrCat(*hung, ": this has taken more than ", absl::FormatDuration(call_max_),
                        ", much longer than any time-out of it: the Kafka client hangs. The process ends, to be "
                        "started again; nothing is lost"));
}

void EndHungProcess(const std::string& message) {
  spdlog::critical("{}", message);
  spdlog::default_logger()->flush();
  std::_Exit(EXIT_FAILURE);
}

}  // namespace keyfold
