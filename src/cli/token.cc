// keyfold token: makes, lists and revokes the tokens that the gateway asks for.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "rights/tokens.h"

namespace keyfold {
namespace {

struct TokenFlags {
  ConfigFlags config;
  std::string name;
  std::vector<std::string> roles = {"reader"};
  std::vector<std::string> groups;
  int64_t days = 365;
  int64_t requests_per_second = -1;
  int64_t streams = -1;
  std::string id;
};

absl::StatusOr<std::string> FileOf(const TokenFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, flags.config.Load());
  if (config.gateway.tokens_file.empty()) {
    return absl::InvalidArgumentError("gateway.tokens_file is not set: --gateway.tokens_file FILE");
  }
  return config.gateway.tokens_file;
}

absl::StatusOr<int> Make(const TokenFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string file, FileOf(flags));
  TokenRecord record = {.name = flags.name, .groups = {flags.groups.begin(), flags.groups.end()}};
  for (const std::string& name : flags.roles) {
    const std::optional<Role> role = RoleOf(name);
    if (!role.has_value())
      return absl::InvalidArgumentError(
          absl::StrCat("--role: '", name, "' is none of reader, producer, metrics, admin"));
    record.roles.insert(*role);
  }
  if (flags.requests_per_second >= 0) record.requests_per_second = flags.requests_per_second;
  if (flags.streams >= 0) record.streams = flags.streams;
  KEYFOLD_ASSIGN_OR_RETURN(const std::string token, IssueToken(file, flags.days, absl::Now(), record));
  std::cerr << "keyfold: this is shown once, and kept nowhere; its id is " << record.id << '\n';
  std::cout << token << '\n';
  return kExitOk;
}

std::string DateOf(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

std::string StateOf(const TokenRecord& record, absl::Time now) {
  if (record.revoked.has_value()) return absl::StrCat("revoked ", DateOf(*record.revoked));
  return IsInForce(record, now) ? "in force" : "expired";
}

absl::StatusOr<int> List(const TokenFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string file, FileOf(flags));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<TokenRecord> records, ReadTokens(file));
  constexpr char kRow[] = "%-16s  %-18s  %-10s  %-10s  %-20s  %-24s  %s\n";
  std::cout << absl::StrFormat(kRow, "ID", "STATE", "CREATED", "EXPIRES", "ROLES", "NAME", "GROUPS");
  const auto name_role = [](std::string* out, Role role) { out->append(NameOf(role)); };
  for (const TokenRecord& record : records) {
    const std::string groups = record.roles.contains(Role::kAdmin) ? kAllGroups : absl::StrJoin(record.groups, ",");
    std::cout << absl::StrFormat(kRow, record.id, StateOf(record, absl::Now()), DateOf(record.created),
                                 record.expires.has_value() ? DateOf(*record.expires) : "never",
                                 absl::StrJoin(record.roles, ",", name_role), record.name, groups);
  }
  std::cout.flush();
  return std::cout ? absl::StatusOr<int>(kExitOk) : absl::DataLossError("writing to standard output failed");
}

absl::StatusOr<int> Revoke(const TokenFlags& flags) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string file, FileOf(flags));
  KEYFOLD_RETURN_IF_ERROR(RevokeToken(file, flags.id, absl::Now()));
  return kExitOk;
}

void AddMake(CLI::App& token, const std::shared_ptr<TokenFlags>& flags, int& exit_status) {
  CLI::App* verb = token.add_subcommand("make", "Make a token, and print it: the only time that it is seen");
  verb->add_option("--name", flags->name, "Who has it, for people")->required();
  verb->add_option("--role", flags->roles, "reader, producer, metrics or admin (repeatable)")->expected(1)->take_all();
  verb->add_option("--group", flags->groups,
                   "A group that it may see, such as manager:M7, or '*' for all (repeatable); an admin sees all")
      ->expected(1)
      ->take_all();
  verb->add_option("--days", flags->days, "How long it is in force (365); 0: for ever")->check(CLI::Range(0, 36'500));
  verb->add_option("--requests-per-second", flags->requests_per_second, "Its own limit; 0: any")
      ->check(CLI::Range(0, 1'000'000));
  verb->add_option("--streams", flags->streams, "Its own limit of open streams; 0: any")
      ->check(CLI::Range(0, 1'000'000));
  flags->config.AddTo(*verb, {"gateway.tokens_file"});
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Make(*flags)); });
}

}  // namespace

void AddToken(CLI::App& app, int& exit_status) {
  CLI::App* verb = app.add_subcommand("token", "Make, list and revoke the tokens that the gateway asks for");
  verb->require_subcommand(1);
  AddMake(*verb, std::make_shared<TokenFlags>(), exit_status);

  const auto listed = std::make_shared<TokenFlags>();
  CLI::App* list = verb->add_subcommand("list", "Show all tokens of the file, without their secrets");
  listed->config.AddTo(*list, {"gateway.tokens_file"});
  list->callback([listed, &exit_status] { exit_status = ExitStatus(List(*listed)); });

  const auto revoked = std::make_shared<TokenFlags>();
  CLI::App* revoke = verb->add_subcommand("revoke", "End a token: a running gateway notices within a second");
  revoke->add_option("id", revoked->id, "Its id, as `list` shows it")->required();
  revoked->config.AddTo(*revoke, {"gateway.tokens_file"});
  revoke->callback([revoked, &exit_status] { exit_status = ExitStatus(Revoke(*revoked)); });
}

}  // namespace keyfold
