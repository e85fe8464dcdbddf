#include "lines/rejected_lines.h"

#include <iostream>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "event/json_inspection.h"
#include "lines/json_lines.h"
#include "lines/line_files.h"

namespace keyfold {
namespace {

constexpr int64_t kPrintedMax = 10;  // of each sort
constexpr size_t kUnknownFieldsMax = 3;
constexpr char kIgnored[] = "ignored";

}  // namespace

absl::Status RejectedLines::Open(const std::string& dead_letters_file, const std::vector<std::string>& files) {
  KEYFOLD_RETURN_IF_ERROR(CheckFiles(files));
  file_name_ = dead_letters_file;
  if (file_name_.empty()) return absl::OkStatus();
  out_ = file_name_ == "-" ? &std::cout : &file_;
  if (file_name_ == "-") return absl::OkStatus();
  return CreateFile("--dead-letters", file_name_, files, file_);
}

void RejectedLines::Add(int64_t line, const Rejection& rejection, std::string_view text) {
  Print(line, std::string(RejectionCodeName(rejection.code)), rejection.message);
  if (out_ != nullptr) WriteDeadLetter(*out_, line, rejection, text);
}

void RejectedLines::AddIgnored(int64_t line, const std::string& unknown_fields) {
  Print(line, kIgnored, unknown_fields);
}

void RejectedLines::Print(int64_t line, const std::string& sort, const std::string& message) {
  if (++counts_[sort] <= kPrintedMax) std::cerr << "line " << line << ": " << sort << ": " << message << '\n';
}

absl::Status RejectedLines::Finish() {
  for (const auto& [sort, count] : counts_) {
    if (count <= kPrintedMax) continue;
    std::cerr << "and " << count - kPrintedMax << " more: " << sort;
    std::cerr << (out_ == nullptr && sort != kIgnored ? " (--dead-letters FILE takes all of them)\n" : "\n");
  }
  if (out_ == nullptr) return absl::OkStatus();
  out_->flush();
  return *out_ ? absl::OkStatus()
               : absl::DataLossError(absl::StrCat("writing the dead letters to ", file_name_, " failed"));
}

std::string RejectedLines::CountsByCode() const {
  std::string text;
  for (const auto& [sort, count] : counts_) {
    if (sort != kIgnored) absl::StrAppend(&text, text.empty() ? " (" : ", ", count, " ", sort);
  }
  return text.empty() ? text : text + ")";
}

DecodedRecord DecodeLine(const Decoder& decoder, UnknownFields unknown_fields, int64_t number, std::string_view line,
                         RejectedLines& rejected) {
  DecodedRecord record = decoder.DecodeJsonLine(line);
  if (!std::holds_alternative<ValidEvent>(record)) return record;
  std::string fields;
  for (const JsonFinding& finding : FindUnknownFields(line, kUnknownFieldsMax)) {
    absl::StrAppend(&fields, fields.empty() ? "" : "; ", ToString(finding));
  }
  if (fields.empty()) return record;
  if (unknown_fields == UnknownFields::kRejected) return Rejection{RejectionCode::kInvalid, std::move(fields)};
  rejected.AddIgnored(number, fields);
  return record;
}

}  // namespace keyfold
