// keyfold clock: clock_advanced into every partition of the input topic, at every midnight.
#include "absl/time/clock.h"

#include <memory>

#include "CLI/CLI.hpp"
#include "base/status_macros.h"
#include "base/transient.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "run/clock.h"
#include "run/from_config.h"
#include "run/stop_signal.h"

namespace keyfold {
namespace {

struct ClockFlags {
  ConfigFlags config;
  bool once = false;
};

absl::StatusOr<int> KeepClock(const ClockFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const KafkaConnection connection, ConnectionOf(config));
  KEYFOLD_ASSIGN_OR_RETURN(const Calendar calendar,
                           Calendar::Create(config.kpi.time_zone, config.kpi.fiscal_year_start_month));
  const std::atomic<bool>& stop = StopOnSignals();
  const auto stopped = [&stop] { return stop.load(); };
  Clock clock(calendar,
              [&](Day day) { return WriteMidnight(ClockTopicsOf(connection, config), calendar, day, stopped); });
  if (flags.once) {
    KEYFOLD_RETURN_IF_ERROR(clock.Tick(absl::Now()).status());
  } else {
    KEYFOLD_RETURN_IF_ERROR(RunClock(clock, {stopped, [] { return true; }, &IsTransient}));
  }
  return kExitOk;
}

}  // namespace

void AddClock(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ClockFlags>();
  CLI::App* verb = app.add_subcommand(
      "clock",
      "Write clock_advanced to every partition of the input topic: today's midnight, then each, until stopped");
  verb->add_flag("--once", flags->once, "Write today's midnight and end: for cron. Several writers do no harm");
  flags->config.AddTo(*verb, {"time_zone", "projection", "instance", "topics.events", "topics.partials", "kafka"});
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(KeepClock(*flags)); });
}

}  // namespace keyfold
