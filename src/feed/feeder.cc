#include "feed/feeder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "engine/dead_letter.h"

namespace keyfold {
namespace {

// What an operator has to mend; anything else that ends a transaction may be another thing the next time.
bool IsPermanent(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) || absl::IsNotFound(status) ||
         absl::IsInvalidArgument(status);
}

}  // namespace

absl::StatusOr<FedCounts> Feeder::Step() {
  if (goes_back_) KEYFOLD_RETURN_IF_ERROR(GoBack());
  PollLimits limits = options_.poll;
  limits.records_max = records_max_;
  KEYFOLD_ASSIGN_OR_RETURN(const PollResult polled, log_.Poll(limits));
  for (const int32_t partition : polled.revoked) next_.erase(partition);
  for (const int32_t partition : polled.assigned) next_.emplace(partition, 0);
  for (const int32_t partition : polled.assigned) {
    const absl::Status begun = Begin(partition);
    if (begun.ok()) continue;
    goes_back_ = true;  // all of them begin again: what was polled is fetched again
    return begun;
  }
  if (polled.records.empty()) {
    KEYFOLD_RETURN_IF_ERROR(lookups_.Follow());
    return FedCounts();
  }
  if (absl::Status caught_up = lookups_.CatchUp(); !caught_up.ok()) {
    goes_back_ = true;
    return caught_up;
  }
  absl::StatusOr<FedCounts> fed = Transact(polled.records);
  if (fed.ok()) {
    records_max_ = std::min(2 * records_max_, options_.poll.records_max);
  } else {
    goes_back_ = true;
    records_max_ = std::max<size_t>(records_max_ / 2, 1);
  }
  return fed;
}

// What an unknown end of a transaction was the group's offsets tell, once the sink has ended what is open.
absl::Status Feeder::GoBack() {
  KEYFOLD_RETURN_IF_ERROR(sink_.Reset());
  for (const auto& [partition, next] : std::map<int32_t, int64_t>(next_)) KEYFOLD_RETURN_IF_ERROR(Begin(partition));
  goes_back_ = false;
  return absl::OkStatus();
}

absl::Status Feeder::Begin(int32_t partition) {
  KEYFOLD_ASSIGN_OR_RETURN(const CommittedOffset committed, log_.Committed(partition));
  int64_t next = committed.offset.value_or(0);
  if (!committed.offset.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(const LogRange range, log_.Range(partition));
    next = range.first;
  }
  const absl::Status fetching = log_.Fetch(partition, next);
  if (absl::IsAborted(fetching)) {  // it is not ours any more: the next poll tells
    next_.erase(partition);
    return absl::OkStatus();
  }
  KEYFOLD_RETURN_IF_ERROR(fetching);
  next_[partition] = next;
  return absl::OkStatus();
}

absl::StatusOr<FedCounts> Feeder::Transact(const std::vector<Record>& records) {
  KEYFOLD_RETURN_IF_ERROR(sink_.Begin());
  FedCounts counts;
  std::map<int32_t, int64_t> next;
  std::optional<int32_t> partitions;
  size_t largest_letter = 0;
  for (const Record& record : records) {
    if (!next_.contains(record.partition)) continue;  // not ours any more
    FedRecord fed = input_.Take(record, lookups_.tables());
    counts += fed.counts;
    for (OutputRecord& output : fed.outputs) {
      if (output.topic == OutputTopic::kDeadLetters) {
        CutDeadLetter(letter_bytes_max_, &output);
        largest_letter = std::max(largest_letter, BytesOf(output));
      }
      const bool to_each = output.topic == kFedEvents && !output.key.has_value();
      KEYFOLD_RETURN_IF_ERROR(to_each ? PublishToEach(output, partitions) : sink_.Publish(std::move(output)));
    }
    next[record.partition] = record.offset + 1;
  }
  std::vector<OffsetCommit> offsets;
  for (const auto& [partition, offset] : next) offsets.push_back({partition, offset, ""});
  const CommitResult result = sink_.Commit(offsets);
  if (result.outcome != CommitOutcome::kCommitted) return Failed(result, largest_letter);
  for (const auto& [partition, offset] : next) next_[partition] = offset;
  return counts;
}

// `partitions` is asked for once in a transaction.
absl::Status Feeder::PublishToEach(const OutputRecord& output, std::optional<int32_t>& partitions) {
  if (!partitions.has_value()) {
    KEYFOLD_ASSIGN_OR_RETURN(partitions, options_.count_partitions());
  }
  for (int32_t partition = 0; partition < *partitions; ++partition) {
    OutputRecord copy = output;
    copy.partition = partition;
    KEYFOLD_RETURN_IF_ERROR(sink_.Publish(std::move(copy)));
  }
  return absl::OkStatus();
}

absl::Status Feeder::Failed(const CommitResult& result, size_t largest_letter) {
  const std::string why =
      absl::StrCat(result.outcome == CommitOutcome::kUnknown ? "the end of a transaction is unknown: "
                                                             : "a transaction was aborted: ",
                   result.status.message());
  if (absl::IsOutOfRange(result.status) && largest_letter > kDeadLetterBytesMin) {
    const bool known = options_.letter_bytes_max < largest_letter;
    letter_bytes_max_ = std::max(kDeadLetterBytesMin, known ? options_.letter_bytes_max : largest_letter / 2);
    return absl::AbortedError(absl::StrCat(why, "; dead letters are cut to ", letter_bytes_max_, " bytes from now on"));
  }
  return IsPermanent(result.status) || IsTransient(result.status) ? absl::Status(result.status.code(), why)
                                                                  : absl::AbortedError(why);
}

}  // namespace keyfold
