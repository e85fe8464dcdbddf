#include <memory>

#include "cli/verbs.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

int main(int argc, char** argv) {
  // Standard output is for what was asked for.
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()));
  return keyfold::RunCommandLine({argv + 1, argv + argc});
}
