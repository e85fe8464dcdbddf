#include "cli/verbs.h"

#include <iostream>

namespace keyfold {

int ExitStatus(const absl::StatusOr<int>& result) {
  if (result.ok()) return *result;
  std::cerr << "keyfold: " << result.status().message() << '\n';
  return absl::IsInvalidArgument(result.status()) ? kExitUsage : kExitFailed;
}

void AddVerbs(CLI::App& app, int& exit_status) {
  AddRun(app, exit_status);
  AddFold(app, exit_status);
  AddValidate(app, exit_status);
  AddProduce(app, exit_status);
  AddTopics(app, exit_status);
  AddClock(app, exit_status);
  AddRebuild(app, exit_status);
  AddQuery(app, exit_status);
  AddPortfolio(app, exit_status);
  AddSelect(app, exit_status);
  AddTargets(app, exit_status);
  AddSample(app, exit_status);
  AddDemo(app, exit_status);
}

}  // namespace keyfold
