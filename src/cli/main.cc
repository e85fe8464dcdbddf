#include <memory>

#include "CLI/CLI.hpp"
#include "cli/verbs.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

int main(int argc, char** argv) {
  // Standard output is for what was asked for.
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()));
  CLI::App app("keyfold: account events in, KPIs out, exactly once", "keyfold");
  app.require_subcommand(1);
  int exit_status = keyfold::kExitOk;
  keyfold::AddVerbs(app, exit_status);
  try {  // CLI11 reports by exceptions; they end here
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? keyfold::kExitOk : keyfold::kExitUsage;
  }
  return exit_status;
}
