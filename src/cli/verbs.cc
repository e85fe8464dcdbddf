#include "cli/verbs.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "account/entity.h"
#include "base/nearest_name.h"
#include "state/store_keys.h"

namespace keyfold {

int ExitStatus(const absl::StatusOr<int>& result) {
  if (result.ok()) return *result;
  std::cerr << "keyfold: " << result.status().message() << '\n';
  return absl::IsInvalidArgument(result.status()) ? kExitUsage : kExitFailed;
}

namespace {

// What an argument that is none was probably meant to be: a verb, or a flag of the verbs that were chosen.
std::string WhatWasMeant(const CLI::App& app, const std::string& argument) {
  std::vector<std::string> names;
  if (argument.starts_with("-")) {
    for (const CLI::App* const verb : app.get_subcommands()) {
      for (const CLI::Option* const option : verb->get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
    }
  } else if (app.get_subcommands().empty()) {
    for (const CLI::App* const verb : app.get_subcommands({})) names.push_back(verb->get_name());
  }
  return DidYouMean(argument.substr(0, argument.find('=')), {names.begin(), names.end()});
}

std::string FailureMessage(const CLI::App* app, const CLI::Error& error) {
  std::string message = std::string("keyfold: ") + error.what();
  for (const std::string& argument : app->remaining(/*recurse=*/true)) {
    const std::string meant = WhatWasMeant(*app, argument);
    if (!meant.empty()) message += "; " + argument + meant;
  }
  return message + "\nRun with --help for more information.\n";
}

void AddVerbs(CLI::App& app, int& exit_status) {
  AddRun(app, exit_status);
  AddServe(app, exit_status);
  AddFeed(app, exit_status);
  AddFold(app, exit_status);
  AddValidate(app, exit_status);
  AddNewEvent(app, exit_status);
  AddReconcile(app, exit_status);
  AddProduce(app, exit_status);
  AddTopics(app, exit_status);
  AddClock(app, exit_status);
  AddRebuild(app, exit_status);
  AddQuery(app, exit_status);
  AddExplain(app, exit_status);
  AddPortfolio(app, exit_status);
  AddSelect(app, exit_status);
  AddBacktest(app, exit_status);
  AddTargets(app, exit_status);
  AddCatalog(app, exit_status);
  AddToken(app, exit_status);
  AddSample(app, exit_status);
  AddDemo(app, exit_status);
}

}  // namespace

int RunCommandLine(std::vector<std::string> arguments) {
  CLI::App app("keyfold: account events in, KPIs out, exactly once", "keyfold");
  app.require_subcommand(1);
  app.failure_message(FailureMessage);
  app.set_version_flag("--version", absl::StrCat("keyfold ", KEYFOLD_VERSION, ", state format ", kFormatVersion,
                                                 ", contributions ", kContributionsVersion));
  int exit_status = kExitOk;
  AddVerbs(app, exit_status);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {                                              // and reports by exceptions; they end here
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return exit_status;
}

}  // namespace keyfold
