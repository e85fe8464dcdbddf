// keyfold fold: folds JSON lines and prints every account's KPIs.
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/config.h"
#include "cli/json_lines.h"
#include "cli/verbs.h"
#include "cli/without_effect_report.h"
#include "engine/offline_fold.h"
#include "engine/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

struct FoldOptions {
  ConfigFlags config;
  std::vector<std::string> files;
  std::string as_of;
  std::string dead_letters_file;
  std::string without_effect_file;
  bool rollups = false;
  bool measures = false;
  bool strict = false;
};

// Holds the text of lines until it is known whether they are rejected.
class DeadLetters {
 public:
  explicit DeadLetters(std::ostream* out) : out_(out) {}

  void Remember(int64_t line, std::string_view text) {
    if (out_ != nullptr) lines_.emplace(line, text);
  }
  void Reject(int64_t line, const Rejection& rejection) {
    if (out_ != nullptr) rejected_.emplace_back(line, rejection);
  }
  // After a flush nothing is undecided.
  void Settle() {
    for (const auto& [line, rejection] : rejected_) WriteDeadLetter(*out_, line, rejection, lines_[line]);
    rejected_.clear();
    lines_.clear();
  }
  size_t held() const { return lines_.size(); }

 private:
  std::ostream* out_;
  std::unordered_map<int64_t, std::string> lines_;
  std::vector<std::pair<int64_t, Rejection>> rejected_;
};

constexpr size_t kLinesHeldMax = 10'000;

absl::Status FoldLines(const FoldOptions& options, const Catalog& catalog, OfflineFold& fold,
                       DeadLetters& dead_letters) {
  const Decoder decoder(catalog.reporting_currency());
  const auto on_rejection = [&dead_letters](int64_t line, const Rejection& rejection) {
    dead_letters.Reject(line, rejection);
  };
  KEYFOLD_RETURN_IF_ERROR(ForEachLine(options.files, [&](int64_t number, std::string_view line) -> absl::Status {
    dead_letters.Remember(number, line);
    KEYFOLD_RETURN_IF_ERROR(fold.Add(decoder.DecodeJsonLine(line), number, on_rejection));
    if (dead_letters.held() < kLinesHeldMax) return absl::OkStatus();
    KEYFOLD_RETURN_IF_ERROR(fold.Flush(on_rejection));
    dead_letters.Settle();
    return absl::OkStatus();
  }));
  KEYFOLD_RETURN_IF_ERROR(fold.Flush(on_rejection));
  dead_letters.Settle();
  return absl::OkStatus();
}

absl::Status PrintResults(const FoldOptions& options, const OfflineFold& fold, Day day) {
  KEYFOLD_RETURN_IF_ERROR(fold.VisitAccounts(
      day, [&](const FoldedValues& values) { WriteAccount(std::cout, values, day, options.measures); }));
  if (options.rollups) {
    KEYFOLD_RETURN_IF_ERROR(
        fold.VisitGroups(day, [&](const FoldedValues& values) { WriteGroup(std::cout, values, day); }));
  }
  std::cout.flush();
  return std::cout ? absl::OkStatus() : absl::DataLossError("writing to standard output failed");
}

absl::StatusOr<int> Fold(const FoldOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(const Config config, options.config.Load());
  KEYFOLD_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(config));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<Day> day, ParseDateFlag("--as-of", options.as_of));
  std::ofstream dead_letters_file;
  if (!options.dead_letters_file.empty()) {
    dead_letters_file.open(options.dead_letters_file, std::ios::binary | std::ios::trunc);
    if (!dead_letters_file) return absl::NotFoundError(absl::StrCat("cannot write ", options.dead_letters_file));
  }
  WithoutEffectReport without_effect;
  KEYFOLD_RETURN_IF_ERROR(without_effect.Open(options.without_effect_file));
  DeadLetters dead_letters(dead_letters_file.is_open() ? &dead_letters_file : nullptr);
  MemoryStore store(MergeStored);
  OfflineFold fold(catalog, store);
  KEYFOLD_RETURN_IF_ERROR(FoldLines(options, catalog, fold, dead_letters));
  dead_letters_file.close();
  if (dead_letters_file.fail() && !options.dead_letters_file.empty()) {
    return absl::DataLossError(absl::StrCat("writing ", options.dead_letters_file, " failed"));
  }
  if (!day.has_value()) day = fold.LastDay();
  if (day.has_value()) KEYFOLD_RETURN_IF_ERROR(PrintResults(options, fold, *day));
  const FoldCounts& counts = fold.counts();
  std::cerr << "folded " << counts.applied << " events, " << counts.duplicates << " duplicates, " << counts.superseded
            << " superseded, " << counts.erasures << " erasures, " << counts.rejected << " rejected\n";
  KEYFOLD_RETURN_IF_ERROR(without_effect.Write(fold, std::cerr));
  return options.strict && counts.rejected > 0 ? kExitFailed : kExitOk;
}

}  // namespace

void AddFold(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<FoldOptions>();
  CLI::App* verb = app.add_subcommand("fold", "Fold JSON lines and print every account's KPIs");
  verb->add_option("FILE", options->files, "Events, one a line, in order of arrival; - is standard input")->required();
  verb->add_option("--as-of", options->as_of, "Evaluation date (default: the day of the greatest occurred_at)");
  verb->add_flag("--rollups", options->rollups, "Also print groups");
  verb->add_flag("--measures", options->measures, "Also print each measure's sum in its own currency");
  verb->add_option("--dead-letters", options->dead_letters_file, "Write rejected lines to this file");
  verb->add_option("--without-effect", options->without_effect_file,
                   "Write the events that are without effect, and why, to this file: JSON lines");
  verb->add_flag("--strict", options->strict, "Exit with 1 if a line was rejected");
  options->config.AddTo(*verb);
  verb->callback([options, &exit_status] { exit_status = ExitStatus(Fold(*options)); });
}

}  // namespace keyfold
