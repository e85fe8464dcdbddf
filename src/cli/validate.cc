// keyfold validate: checks JSON lines as the door of the engine does, without folding them.
#include <array>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/config.h"
#include "cli/json_lines.h"
#include "cli/verbs.h"

namespace keyfold {
namespace {

struct ValidateOptions {
  std::string reporting_currency = "EUR";
  std::vector<std::string> files;
  std::string dead_letters_file;
  bool strict = false;
};

struct ValidateCounts {
  int64_t events = 0;
  int64_t erasures = 0;
  int64_t rejected = 0;
  std::array<int64_t, 4> by_code{};  // index: RejectionCode
};

void Count(const DecodedRecord& record, ValidateCounts& counts) {
  if (std::holds_alternative<ValidEvent>(record)) {
    ++counts.events;
  } else if (std::holds_alternative<Erasure>(record)) {
    ++counts.erasures;
  } else {
    ++counts.rejected;
    ++counts.by_code[static_cast<size_t>(std::get<Rejection>(record).code)];
  }
}

void PrintSummary(const ValidateCounts& counts) {
  std::cerr << counts.events << " valid events, " << counts.erasures << " erasures, " << counts.rejected << " rejected";
  const char* separator = " (";
  for (size_t code = 0; code < counts.by_code.size(); ++code) {
    if (counts.by_code[code] == 0) continue;
    std::cerr << separator << counts.by_code[code] << ' ' << RejectionCodeName(static_cast<RejectionCode>(code));
    separator = ", ";
  }
  std::cerr << (counts.rejected > 0 ? ")\n" : "\n");
}

absl::StatusOr<int> ValidateFiles(const ValidateOptions& options) {
  const std::optional<Currency> reporting_currency = Currency::Parse(options.reporting_currency);
  if (!reporting_currency.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--reporting_currency: '", options.reporting_currency, "' is no currency"));
  }
  std::ofstream dead_letters;
  if (!options.dead_letters_file.empty()) {
    dead_letters.open(options.dead_letters_file, std::ios::binary | std::ios::trunc);
    if (!dead_letters) return absl::NotFoundError(absl::StrCat("cannot write ", options.dead_letters_file));
  }
  const Decoder decoder(*reporting_currency);
  ValidateCounts counts;
  KEYFOLD_RETURN_IF_ERROR(ForEachLine(options.files, [&](int64_t number, std::string_view line) {
    const DecodedRecord record = decoder.DecodeJsonLine(line);
    Count(record, counts);
    const auto* const rejection = std::get_if<Rejection>(&record);
    if (rejection == nullptr) return absl::OkStatus();
    if (dead_letters.is_open()) {
      WriteDeadLetter(dead_letters, number, *rejection, line);
      return dead_letters ? absl::OkStatus() : absl::DataLossError("writing the dead letters failed");
    }
    std::cout << number << ": " << RejectionCodeName(rejection->code) << ": " << rejection->message << '\n';
    return std::cout ? absl::OkStatus() : absl::DataLossError("writing to standard output failed");
  }));
  dead_letters.close();
  if (dead_letters.fail() && !options.dead_letters_file.empty()) {
    return absl::DataLossError(absl::StrCat("writing ", options.dead_letters_file, " failed"));
  }
  std::cout.flush();
  PrintSummary(counts);
  return options.strict && counts.rejected > 0 ? kExitFailed : kExitOk;
}

}  // namespace

void AddValidate(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* verb = app.add_subcommand("validate", "Check JSON lines without folding them");
  verb->add_option("FILE", options->files, "Events, one a line; - is standard input")->required();
  verb->add_option("--dead-letters", options->dead_letters_file, "Write rejected lines to this file instead");
  verb->add_flag("--strict", options->strict, "Exit with 1 if a line was rejected");
  verb->add_option("--reporting_currency", options->reporting_currency, "A rate for it is wrong")
      ->envname("KEYFOLD_REPORTING_CURRENCY")
      ->capture_default_str();
  verb->callback([options, &exit_status] { exit_status = ExitStatus(ValidateFiles(*options)); });
}

}  // namespace keyfold
