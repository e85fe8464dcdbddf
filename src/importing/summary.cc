#include "importing/summary.h"

#include <google/protobuf/util/json_util.h>
#include <xxhash.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "lines/line_files.h"

namespace keyfold {
namespace {

constexpr size_t kExamplesMax = 3;
constexpr size_t kReasonsMax = 1000;  // what is counted by itself
constexpr size_t kFirstEvents = 3;
constexpr size_t kFirstAccounts = 10;
constexpr size_t kValueBytesMax = 64;

absl::Time TimeOf(const v1::AccountEvent& event) {
  return absl::FromUnixSeconds(event.occurred_at().seconds()) + absl::Nanoseconds(event.occurred_at().nanos());
}

std::string Shortened(std::string value) {
  if (value.size() > kValueBytesMax) value = value.substr(0, kValueBytesMax) + "...";
  for (char& c : value) c = c == '\n' || c == '\r' ? ' ' : c;
  return value;
}

}  // namespace

const std::string& TypeNameOf(const v1::AccountEvent& event) {
  return v1::AccountEvent::descriptor()->FindFieldByNumber(event.payload_case())->name();
}

std::string EventAsJson(const v1::AccountEvent& event) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  return google::protobuf::util::MessageToJsonString(event, &text, options).ok() ? text : std::string();
}

absl::Status ImportSummary::Open(const std::string& rejected_file, const std::vector<std::string>& read) {
  rejected_file_name_ = rejected_file;
  if (rejected_file.empty()) return absl::OkStatus();
  return CreateFile("--rejected", rejected_file, read, rejected_file_);
}

void ImportSummary::AddRejected(const MappingRejection& rejection, const std::vector<std::string>& files) {
  const MappingProblem& problem = rejection.problem;
  const std::string& file = files[static_cast<size_t>(rejection.file)];
  std::string reason = problem.column.empty() ? problem.reason : absl::StrCat(problem.column, " ", problem.reason);
  if (rejected_.size() >= kReasonsMax && rejected_.find(reason) == rejected_.end()) reason = "other reasons";
  Rejected& rejected = rejected_[reason];
  rejected_rows_ += rejection.rows;
  rejected.rows += rejection.rows;
  if (rejected.examples.size() < kExamplesMax) {
    rejected.examples.push_back(
        absl::StrCat(file.substr(file.rfind('/') + 1), ":", rejection.line,
                     problem.value.empty() ? "" : absl::StrCat(": ", Shortened(problem.value))));
  }
  if (!rejected_file_.is_open()) return;
  const nlohmann::json line = {{"file", file},
                               {"line", rejection.line},
                               {"rows", rejection.rows},
                               {"column", problem.column},
                               {"reason", problem.reason},
                               {"value", problem.value}};
  rejected_file_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void ImportSummary::AddEvent(const v1::AccountEvent& event) {
  ++events_;
  ++types_[TypeNameOf(event)];
  const absl::Time at = TimeOf(event);
  if (!earliest_.has_value()) earliest_ = latest_ = at;
  earliest_ = std::min(*earliest_, at);
  latest_ = std::max(latest_, at);
  if (first_events_.size() < kFirstEvents &&
      std::none_of(first_events_.begin(), first_events_.end(),
                   [&](const v1::AccountEvent& other) { return other.payload_case() == event.payload_case(); })) {
    first_events_.push_back(event);
  }
  const std::string& account = event.account_id();
  if (account.empty()) return;
  const bool is_new = accounts_.insert(XXH3_64bits(account.data(), account.size())).second;
  if (is_new && first_accounts_.size() < kFirstAccounts) first_accounts_.push_back(account);
}

void ImportSummary::PrintRejected(std::ostream& out) const {
  std::vector<std::pair<std::string, const Rejected*>> sorted;
  for (const auto& [reason, rejected] : rejected_) sorted.emplace_back(reason, &rejected);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second->rows > b.second->rows; });
  for (const auto& [reason, rejected] : sorted) {
    out << "  rejected " << rejected->rows << ": " << reason << " (" << absl::StrJoin(rejected->examples, "; ")
        << (static_cast<int64_t>(rejected->examples.size()) < rejected->rows ? "; ...)\n" : ")\n");
  }
}

void ImportSummary::Print(const MappingContext& context, std::ostream& out) const {
  out << rows_ << " rows, " << rejected_rows_ << " rejected\n";
  PrintRejected(out);
  for (const auto& [reason, count] : skipped_) out << "  left out " << count << ": " << reason << '\n';
  for (const auto& [note, count] : context.notes) out << "  " << count << " times: " << note << '\n';
  out << events_ << " events of " << accounts_.size() << " accounts";
  if (earliest_.has_value()) out << ", " << FormatInstant(*earliest_) << " to " << FormatInstant(latest_);
  out << '\n';
  for (const auto& [type, count] : types_) out << "  " << count << ' ' << type << '\n';
  for (const auto& [field, by_currency] : context.amounts.totals) {
    for (const auto& [code, total] : by_currency) {
      out << "  " << field << ": ";
      if (total.overflow) {
        out << "too large to be added up\n";
        continue;
      }
      out << MajorUnits(total.minor, Currency::Parse(code).value_or(Currency())) << ' ' << code << " in "
          << total.amounts << " amounts";
      if (total.rounded > 0) out << " (exactly " << total.exact.ToString() << ", " << total.rounded << " rounded)";
      out << '\n';
    }
  }
  for (const v1::AccountEvent& event : first_events_) out << "  first: " << EventAsJson(event) << '\n';
  if (!first_accounts_.empty()) {
    out << "  accounts: " << absl::StrJoin(first_accounts_, ", ")
        << (first_accounts_.size() < accounts_.size() ? ", ...\n" : "\n");
  }
}

absl::Status ImportSummary::Finish() {
  if (!rejected_file_.is_open()) return absl::OkStatus();
  rejected_file_.close();
  return rejected_file_ ? absl::OkStatus()
                        : absl::DataLossError(absl::StrCat("writing ", rejected_file_name_, " failed"));
}

}  // namespace keyfold
