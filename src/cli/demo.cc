// keyfold demo: a company that never existed, its KPIs, and a gateway to look at them.
#include "demo/demo.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "company/cast.h"
#include "config/config.h"
#include "run/stop_signal.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr const char* kDemoFooter =
    "Thirty months of a generated company up to today: accounts with names, three key account managers, and stories.\n"
    "Birken Foods is in trouble, Norden Rail grows, the contract of Elbtal Energy lapses, Helvet Medical is on plan,\n"
    "Garonne Paper was lost, Kestrel Optics won back. From then on it lives: a day passes in about a minute.\n"
    "tools/demo brings a broker along.";

struct DemoFlags {
  ConfigFlags config;
  DemoOptions demo;
  bool headless = false;
};

void PrintPlace(const DemoPlace& place, bool headless) {
  if (!headless) std::cout << "\nLook at it: ";
  std::cout << place.address << '\n';
  if (!place.admin_token.empty()) {
    std::cout << (headless ? "" : "An administrator's token: ") << place.admin_token << '\n'
              << (headless ? "" : absl::StrCat("One for ", place.manager_group, ": ")) << place.manager_token << '\n';
  }
  if (!headless) std::cout << "It lives until Ctrl-C.\n\n";
  std::cout.flush();
}

// "14:03:12  Birken Foods: invoice issued"
void PrintEvent(std::string_view account, const v1::AccountEvent& event) {
  const auto* const payload =
      event.GetReflection()->GetOneofFieldDescriptor(event, v1::AccountEvent::descriptor()->FindOneofByName("payload"));
  std::string what = payload->name();
  std::replace(what.begin(), what.end(), '_', ' ');
  std::cout << absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone()) << "  " << account << ": " << what
            << '\n'
            << std::flush;
}

absl::StatusOr<int> Demo(const DemoFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  spdlog::set_level(spdlog::level::err);  // what is usual in production is not of a demo
  DemoOptions options = flags.demo;
  options.played = [&flags](int64_t events) {
    if (!flags.headless) std::cout << events << " events of thirty months are folded …\n" << std::flush;
  };
  options.ready = [&flags](const DemoPlace& place) { PrintPlace(place, flags.headless); };
  options.lived = [&flags](std::string_view account, const v1::AccountEvent& event) {
    if (!flags.headless) PrintEvent(account, event);
  };
  KEYFOLD_RETURN_IF_ERROR(RunDemo(config, options, StopOnSignals()));
  return kExitOk;
}

}  // namespace

void AddDemo(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<DemoFlags>();
  CLI::App* verb = app.add_subcommand(
      "demo", "Let a generated company live on topics of its own, and serve what there is to see of it");
  verb->footer(kDemoFooter);
  verb->add_option("--accounts", flags->demo.accounts, absl::StrCat("How many, ", kMembersMin, "-", kMembersMax))
      ->capture_default_str()
      ->check(CLI::Range(kMembersMin, kMembersMax));
  verb->add_option("--seed", flags->demo.seed, "The same seed on the same day gives the same company")
      ->capture_default_str();
  verb->add_option("--rate", flags->demo.rate, "Events per second that it lives on with; 0: it stands still")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000));
  verb->add_option("--seconds", flags->demo.seconds, "How long it lives; 0: until stopped")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000'000));
  verb->add_flag("--tokens", flags->demo.tokens, "Ask for a token, and print two: an administrator's, a manager's");
  verb->add_flag("--headless", flags->headless,
                 "For scripts: print the address, once it answers, and then the tokens, a line each; nothing else");
  flags->config.AddTo(*verb);
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Demo(*flags)); });
}

}  // namespace keyfold
