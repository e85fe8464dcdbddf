#include "feed/lookup_topic.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr size_t kLookupRecordsMax = 2'000;                        // taken at once
constexpr absl::Duration kLookupWaitMax = absl::Milliseconds(20);  // a partition may end with what is no record
constexpr absl::Duration kProgressEvery = absl::Seconds(5);

}  // namespace

std::string LookupTopic::Name() const {
  return absl::StrCat("the lookup ", source().name, " (the topic ", source().topic, ")");
}

absl::Status LookupTopic::CatchUp() {
  KEYFOLD_RETURN_IF_ERROR(Open());
  return Judged(ReadToEnd(/*while_they_come=*/false));
}

absl::Status LookupTopic::Load() {
  KEYFOLD_RETURN_IF_ERROR(Open());
  return Judged(ReadToEnd(/*while_they_come=*/true));
}

absl::Status LookupTopic::Follow() {
  return reader_ == nullptr ? absl::OkStatus() : Judged(TakeNext(absl::ZeroDuration()));
}

absl::Status LookupTopic::Open() {
  if (reader_ != nullptr) return absl::OkStatus();
  rows_.Clear();
  is_loaded_ = false;
  absl::StatusOr<std::unique_ptr<LookupReader>> reader = reading_.open(source().topic);
  if (reader.ok()) reader_ = *std::move(reader);
  if (reader.ok() || !absl::IsNotFound(reader.status())) return reader.status();
  return absl::FailedPreconditionError(
      absl::StrCat("there is no topic ", source().topic, ", which the lookup ", source().name, " names"));
}

absl::Status LookupTopic::ReadToEnd(bool while_they_come) {
  KEYFOLD_RETURN_IF_ERROR(reader_->LookForEnds());
  const int64_t begun = rows_.counts().records;
  int64_t left = reader_->left();
  absl::Time deadline = absl::Now() + reading_.wait_max;
  absl::Time report = absl::Now() + kProgressEvery;
  while (left > 0) {
    if (reading_.stopped()) return absl::AbortedError(absl::StrCat(Name(), " was being read when it was stopped"));
    KEYFOLD_RETURN_IF_ERROR(TakeNext(kLookupWaitMax));
    const absl::Time now = absl::Now();
    const bool came = reader_->left() < left;
    left = reader_->left();
    if (came && while_they_come) deadline = now + reading_.wait_max;
    if (left > 0 && now >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat(Name(), " was not read up to its end: ", left, " offsets are left"));
    }
    if (now < report) continue;
    report = now + kProgressEvery;
    spdlog::info("feed {}: {}: {} records read, {} offsets are left", reading_.input, Name(),
                 rows_.counts().records - begun, left);
  }
  if (!std::exchange(is_loaded_, true)) {
    spdlog::info("feed {}: {} has {} rows", reading_.input, Name(), rows_.counts().rows);
  }
  return absl::OkStatus();
}

absl::Status LookupTopic::TakeNext(absl::Duration wait_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Record> records, reader_->Poll(kLookupRecordsMax, wait_max));
  int64_t unreadable = 0;
  std::string first;
  for (const Record& record : records) {
    const std::string problem = rows_.Take(record);
    if (problem.empty() || ++unreadable > 1) continue;
    first = absl::StrCat(source().topic, "[", record.partition, "] offset ", record.offset, ": ", problem);
  }
  if (unreadable > 0) {
    spdlog::warn("feed {}: {}: {} records are no rows, the first one {}", reading_.input, Name(), unreadable, first);
  }
  return absl::OkStatus();
}

// What the reader does not get over a new one does.
absl::Status LookupTopic::Judged(const absl::Status& status) {
  const bool anew = absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
  if (!anew) return status;
  reader_ = nullptr;
  return absl::UnavailableError(absl::StrCat(Name(), " is read anew: ", status.message()));
}

}  // namespace keyfold
