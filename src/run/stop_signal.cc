#include "run/stop_signal.h"

#include <csignal>

namespace keyfold {
namespace {

std::atomic<bool> stop = false;

void RequestStop(int /*signal*/) { stop = true; }

}  // namespace

std::atomic<bool>& StopOnSignals() {
  struct sigaction action {};
  action.sa_handler = RequestStop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return stop;
}

}  // namespace keyfold
