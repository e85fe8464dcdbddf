// keyfold sample: a generated history as JSON lines.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "config/config.h"
#include "config/text_files.h"
#include "lines/line_files.h"
#include "report/progress.h"
#include "sample/history.h"

namespace keyfold {
namespace {

struct SampleFlags {
  SampleOptions sample;
  std::string from;
  std::string to;
  std::string out_file = "-";
  bool uniform = false;
};

absl::Status WriteHistory(SampleHistory& history, Progress& progress, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions format;
  format.preserve_proto_field_names = true;
  v1::AccountEvent event;
  std::string line;
  for (SampleStep step = history.Next(event); step != SampleStep::kEnd; step = history.Next(event)) {
    if (step == SampleStep::kErasure) {
      out << "{\"erase_account\":\"" << event.account_id() << "\"}\n";
    } else {
      line.clear();
      const auto status = google::protobuf::util::MessageToJsonString(event, &line, format);
      if (!status.ok()) return absl::InternalError(absl::StrCat("an event has no JSON: ", status.ToString()));
      out << line << '\n';
    }
    if (!out) break;
    progress.Advance();
  }
  out.flush();
  return out ? absl::OkStatus() : absl::DataLossError("writing failed");
}

absl::StatusOr<int> Sample(const SampleFlags& flags) {
  SampleOptions options = flags.sample;
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> from, ParseDateFlag("--from", flags.from));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> to, ParseDateFlag("--to", flags.to));
  options.to = to.value_or(SampleEndByDefault());
  options.from = from.value_or(std::max(0, options.to - kSampleDays));
  if (flags.uniform) options.zipf_exponent = 0;
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<SampleHistory> history, SampleHistory::Create(options));
  Progress progress("records");
  progress.SetTotal(options.events);
  if (flags.out_file == "-") {
    KEYFOLD_RETURN_IF_ERROR(WriteHistory(*history, progress, std::cout));
    return kExitOk;
  }
  std::ofstream file;
  KEYFOLD_RETURN_IF_ERROR(CreateFile(flags.out_file, file));
  KEYFOLD_RETURN_IF_ERROR(WriteHistory(*history, progress, file));
  return kExitOk;
}

}  // namespace

void AddSample(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<SampleFlags>();
  SampleOptions& sample = flags->sample;
  CLI::App* verb = app.add_subcommand("sample", "Write a generated history as JSON lines");
  verb->add_option("--accounts", sample.accounts, "How many accounts")->capture_default_str();
  verb->add_option("--events", sample.events, "How many records in all")->capture_default_str();
  verb->add_option("--seed", sample.seed, "The same seed and days give the same bytes")->capture_default_str();
  CLI::Option* zipf = verb->add_option("--zipf", sample.zipf_exponent, "How much busier the busy accounts are, 0-10");
  zipf->capture_default_str();
  verb->add_flag("--uniform", flags->uniform, "All accounts are alike")->excludes(zipf);
  verb->add_option("--from", flags->from, absl::StrCat("First day (", kSampleDays, " days before the last)"));
  verb->add_option("--to", flags->to, "Last day (today, UTC); the same bytes on another day need it");
  verb->add_option("--erasures", sample.erasures, "How many accounts ask to be forgotten")->capture_default_str();
  verb->add_option("--reporting_currency", sample.reporting_currency, "What rates lead to: EUR, USD, GBP or JPY")
      ->capture_default_str();
  verb->add_option("--out", flags->out_file, "File to write; - is standard output")->capture_default_str();
  verb->callback([flags, &exit_status] { exit_status = ExitStatus(Sample(*flags)); });
}

}  // namespace keyfold
