#include "lines/line_fold.h"

#include <utility>

#include "base/status_macros.h"
#include "lines/line_files.h"

namespace keyfold {
namespace {

constexpr size_t kUndecidedMax = 10'000;

}  // namespace

absl::Status LineFold::Fold(const std::vector<std::string>& files) {
  KEYFOLD_RETURN_IF_ERROR(ForEachLine(files, [this](int64_t number, std::string_view line) -> absl::Status {
    if (rejected_.has_dead_letters()) undecided_.emplace(number, line);
    DecodedRecord record = DecodeLine(decoder_, unknown_fields_, number, line, rejected_);
    KEYFOLD_RETURN_IF_ERROR(fold_.Add(std::move(record), number, on_rejection_));
    return undecided_.size() < kUndecidedMax ? absl::OkStatus() : Flush();
  }));
  KEYFOLD_RETURN_IF_ERROR(Flush());
  return rejected_.Finish();
}

absl::Status LineFold::Add(const v1::AccountEvent& event, int64_t number) {
  const std::string bytes = event.SerializeAsString();
  Record record;
  record.key = event.account_id();
  record.value = bytes;
  return fold_.Add(decoder_.Decode(record), number, on_rejection_);
}

absl::Status LineFold::Flush() {
  KEYFOLD_RETURN_IF_ERROR(fold_.Flush(on_rejection_));
  undecided_.clear();
  return absl::OkStatus();
}

}  // namespace keyfold
