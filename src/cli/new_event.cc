// keyfold new-event: an example to begin with.
#include <iostream>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "event/example.h"

namespace keyfold {
namespace {

struct NewEventOptions {
  std::string type;
  std::string account = "A-1001";
};

absl::StatusOr<int> PrintNewEvent(const NewEventOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string event, ExampleEvent(options.type, options.account, absl::Now()));
  std::cout << event << '\n' << std::flush;
  if (!std::cout) return absl::DataLossError("writing to standard output failed");
  return kExitOk;
}

}  // namespace

void AddNewEvent(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<NewEventOptions>();
  CLI::App* verb = app.add_subcommand("new-event", "Print a valid event with every field filled in, as a JSON line");
  verb->footer(
      "It is of now, and is to be edited: keyfold new-event invoice_issued > event.json, then\n"
      "keyfold validate event.json, keyfold produce event.json.\n\nTypes: " +
      absl::StrJoin(EventTypes(), ", "));
  verb->add_option("TYPE", options->type, "The type of the event")->required();
  verb->add_option("--account", options->account, "Whose event it is")->capture_default_str();
  verb->callback([options, &exit_status] { exit_status = ExitStatus(PrintNewEvent(*options)); });
}

}  // namespace keyfold
