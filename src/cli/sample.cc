// keyfold sample: a generated history as JSON lines.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/milliseconds.h"
#include "base/status_macros.h"
#include "cli/verbs.h"
#include "company/company.h"
#include "config/config.h"
#include "config/text_files.h"
#include "lines/line_files.h"
#include "report/progress.h"
#include "sample/history.h"

namespace keyfold {
namespace {

struct SampleFlags {
  SampleOptions sample;
  bool company = false;
  std::string from;
  std::string to;
  std::string out_file = "-";
  bool uniform = false;
};

// Overwrites its argument with the next record.
using NextRecord = std::function<SampleStep(v1::AccountEvent&)>;

absl::Status WriteHistory(const NextRecord& next, Progress& progress, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions format;
  format.preserve_proto_field_names = true;
  v1::AccountEvent event;
  std::string line;
  for (SampleStep step = next(event); step != SampleStep::kEnd; step = next(event)) {
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

absl::StatusOr<NextRecord> OpenHistory(const SampleOptions& options) {
  KEYFOLD_ASSIGN_OR_RETURN(std::shared_ptr<SampleHistory> history, SampleHistory::Create(options));
  return [history](v1::AccountEvent& event) { return history->Next(event); };
}

// To the end of the last day.
absl::StatusOr<NextRecord> OpenCompany(const SampleOptions& options) {
  CompanyOptions what{.accounts = options.accounts, .seed = options.seed, .from = options.from, .to = options.to};
  what.reporting_currency = options.reporting_currency;
  KEYFOLD_ASSIGN_OR_RETURN(std::shared_ptr<Company> company, Company::Create(what));
  const int64_t end_ms = (options.to + 1) * kDayMs;
  return [company, end_ms](v1::AccountEvent& event) {
    return company->NextBefore(end_ms, event) ? SampleStep::kEvent : SampleStep::kEnd;
  };
}

absl::StatusOr<int> Sample(const SampleFlags& flags) {
  SampleOptions options = flags.sample;
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> from, ParseDateFlag("--from", flags.from));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Day> to, ParseDateFlag("--to", flags.to));
  options.to = to.value_or(SampleEndByDefault());
  options.from = from.value_or(flags.company ? CompanyBegin(options.to) : std::max(0, options.to - kSampleDays));
  if (flags.uniform) options.zipf_exponent = 0;
  KEYFOLD_ASSIGN_OR_RETURN(const NextRecord next, flags.company ? OpenCompany(options) : OpenHistory(options));
  Progress progress("records");
  if (!flags.company) progress.SetTotal(options.events);
  if (flags.out_file == "-") {
    KEYFOLD_RETURN_IF_ERROR(WriteHistory(next, progress, std::cout));
    return kExitOk;
  }
  std::ofstream file;
  KEYFOLD_RETURN_IF_ERROR(CreateFile(flags.out_file, file));
  KEYFOLD_RETURN_IF_ERROR(WriteHistory(next, progress, file));
  return kExitOk;
}

}  // namespace

void AddSample(CLI::App& app, int& exit_status) {
  auto flags = std::make_shared<SampleFlags>();
  SampleOptions& sample = flags->sample;
  CLI::App* verb = app.add_subcommand("sample", "Write a generated history as JSON lines");
  CLI::Option* accounts = verb->add_option("--accounts", sample.accounts, "How many accounts");
  accounts->capture_default_str();
  CLI::Option* events = verb->add_option("--events", sample.events, "How many records in all")->capture_default_str();
  verb->add_option("--seed", sample.seed, "The same seed and days give the same bytes")->capture_default_str();
  CLI::Option* zipf = verb->add_option("--zipf", sample.zipf_exponent, "How much busier the busy accounts are, 0-10");
  zipf->capture_default_str();
  verb->add_flag("--uniform", flags->uniform, "All accounts are alike")->excludes(zipf);
  verb->add_flag("--company", flags->company, "The company of `keyfold demo` instead: names, stories, thirty months")
      ->excludes(events)
      ->excludes(zipf);
  verb->add_option("--from", flags->from, absl::StrCat("First day (", kSampleDays, " days before the last)"));
  verb->add_option("--to", flags->to, "Last day (today, UTC); the same bytes on another day need it");
  verb->add_option("--erasures", sample.erasures, "How many accounts ask to be forgotten")->capture_default_str();
  verb->add_option("--reporting_currency", sample.reporting_currency, "What rates lead to: EUR, USD, GBP or JPY")
      ->capture_default_str();
  verb->add_option("--out", flags->out_file, "File to write; - is standard output")->capture_default_str();
  verb->callback([flags, accounts, &exit_status] {
    if (flags->company && accounts->empty()) flags->sample.accounts = CompanyOptions{}.accounts;
    exit_status = ExitStatus(Sample(*flags));
  });
}

}  // namespace keyfold
