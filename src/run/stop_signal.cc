#include "run/stop_signal.h"

#include <csignal>

namespace keyfold {
namespace {

std::atomic<bool> stop = false;

void RequestStop(int /*signal*/) { stop = true; }

}  // namespace

std::atomic<bool>& StopOnSignals() {
  std::signal(SIGINT, RequestStop);
  std::signal(SIGTERM, RequestStop);
  return stop;
}

}  // namespace keyfold
