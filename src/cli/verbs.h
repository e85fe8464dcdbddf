// The verbs of the command line. Each adds its flags to `verb` and leaves its exit status in `exit_status` when it has
// been chosen: 0 done, 1 done but something was wrong with the data or an operating error, 2 wrong usage.
#ifndef KEYFOLD_CLI_VERBS_H_
#define KEYFOLD_CLI_VERBS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}  // namespace CLI

namespace keyfold {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// The exit status of a verb that ended; a status that is not OK is printed to standard error.
int ExitStatus(const absl::StatusOr<int>& result);

void AddRun(CLI::App& app, int& exit_status);
void AddServe(CLI::App& app, int& exit_status);
void AddFeed(CLI::App& app, int& exit_status);
void AddRebuild(CLI::App& app, int& exit_status);
void AddQuery(CLI::App& app, int& exit_status);
void AddExplain(CLI::App& app, int& exit_status);
void AddPortfolio(CLI::App& app, int& exit_status);
void AddBacktest(CLI::App& app, int& exit_status);
void AddSelect(CLI::App& app, int& exit_status);
void AddTargets(CLI::App& app, int& exit_status);
void AddCatalog(CLI::App& app, int& exit_status);
void AddFold(CLI::App& app, int& exit_status);
void AddValidate(CLI::App& app, int& exit_status);
void AddNewEvent(CLI::App& app, int& exit_status);
void AddReconcile(CLI::App& app, int& exit_status);
void AddProduce(CLI::App& app, int& exit_status);
void AddTopics(CLI::App& app, int& exit_status);
void AddClock(CLI::App& app, int& exit_status);
void AddToken(CLI::App& app, int& exit_status);
void AddDemo(CLI::App& app, int& exit_status);
void AddSample(CLI::App& app, int& exit_status);

// What `keyfold ARGUMENTS...` does: all verbs, help and usage errors. Returns the exit status.
int RunCommandLine(std::vector<std::string> arguments);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_VERBS_H_
