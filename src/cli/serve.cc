// keyfold serve: the gateway, over what other processes publish and over the shards on this machine.
#include "serve/serve.h"

#include <atomic>
#include <memory>

#include "CLI/CLI.hpp"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "run/stop_signal.h"

namespace keyfold {
namespace {

constexpr const char* kServeFooter =
    "Answers over HTTP what is asked of the latest values (from the topics) and of the shards on this machine, and "
    "streams\n"
    "changes as server-sent events. GET /v1/openapi.json describes it:\n"
    "  curl 'http://127.0.0.1:8080/v1/accounts?sort=-revenue_t12m&limit=3'\n"
    "  curl 'http://127.0.0.1:8080/v1/accounts/A1/explain/revenue_growth?since=2026-01-01'\n"
    "  curl -N 'http://127.0.0.1:8080/v1/stream?groups=portfolio:all&members_of=manager:M7'\n"
    "Beyond loopback it wants TLS and a file of tokens (keyfold token). `keyfold run --serve` does both in one "
    "process.";

absl::StatusOr<int> ServeUntilStopped(const ConfigFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.Load());
  const std::atomic<bool>& stop = StopOnSignals();
  Metrics metrics;
  KEYFOLD_RETURN_IF_ERROR(Serve(config, metrics, [&stop] { return stop.load(); }));
  return kExitOk;
}

}  // namespace

void AddServe(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<ConfigFlags>();
  CLI::App* verb = app.add_subcommand("serve", "Answer questions and stream changes over HTTP, until stopped");
  verb->footer(kServeFooter);
  flags->AddTo(*verb);
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(ServeUntilStopped(*flags)); });
}

}  // namespace keyfold
