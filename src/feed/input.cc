#include "feed/input.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/dead_letter.h"
#include "event/format.h"
#include "event/trace_parent.h"
#include "feed/record_document.h"
#include "intake/posted_events.h"

namespace keyfold {
namespace {

constexpr size_t kReasonsMax = 10;  // that a dead letter names

std::string TraceOf(const Record& record) {
  const std::string* const trace = FindHeader(record.headers, kTraceParentHeader);
  return trace == nullptr ? std::string() : std::string(TraceParent(*trace));
}

OutputRecord RecordOf(const v1::AccountEvent& event, const std::string& trace) {
  OutputRecord output;
  output.topic = kFedEvents;
  if (!event.account_id().empty()) output.key = event.account_id();
  output.value = event.SerializeAsString();
  output.headers = {{"content-type", "application/protobuf"}};
  if (!trace.empty()) output.headers.push_back({kTraceParentHeader, trace});
  return output;
}

}  // namespace

FedCounts& FedCounts::operator+=(const FedCounts& other) {
  records += other.records;
  events += other.events;
  rejected += other.rejected;
  left_out += other.left_out;
  empty += other.empty;
  for (const auto& [note, count] : other.notes) notes[note] += count;
  return *this;
}

FedRecord Input::Take(const Record& record, std::span<const LookupTable> lookups) const {
  FedRecord fed = mapper_.has_value() ? TakeDocument(record, lookups) : TakeEvent(record);
  fed.counts.records = 1;
  return fed;
}

void Input::Reject(const Record& record, const Rejection& rejection, FedRecord& fed) const {
  fed.counts.rejected = 1;
  fed.outputs.push_back(DeadLetterOf(record, rejection, topic_));
}

// It goes on as it came, under the key that it must have; its headers say what it is.
FedRecord Input::TakeEvent(const Record& record) const {
  FedRecord fed;
  Record keyed;
  keyed.value = record.value;
  keyed.headers = record.headers;
  std::string account;
  if (record.value.has_value()) {
    account = AccountIn(record);
    if (!account.empty()) keyed.key = account;
  } else {
    keyed.key = record.key;
    account = std::string(record.key.value_or(""));
  }
  const DecodedRecord decoded = decoder_.Decode(keyed);
  if (const auto* const rejection = std::get_if<Rejection>(&decoded)) {
    Reject(record, *rejection, fed);
    return fed;
  }
  const auto* const list = std::get_if<EventList>(&decoded);
  fed.counts.events = list == nullptr ? 1 : static_cast<int64_t>(list->events.size());
  OutputRecord& output = fed.outputs.emplace_back();
  output.topic = kFedEvents;
  if (!account.empty()) output.key = std::move(account);
  if (record.value.has_value()) output.value = std::string(*record.value);
  output.headers = record.headers;
  return fed;
}

FedRecord Input::TakeDocument(const Record& record, std::span<const LookupTable> lookups) const {
  FedRecord fed;
  DecodedDocument decoded = DecodeDocument(record);
  if (std::holds_alternative<RowTombstone>(decoded)) {
    fed.counts.empty = 1;
    return fed;
  }
  if (const auto* const rejection = std::get_if<Rejection>(&decoded)) {
    Reject(record, *rejection, fed);
    return fed;
  }
  absl::StatusOr<MappedDocument> mapped = mapper_->Map(std::move(std::get<RecordDocument>(decoded).json), lookups);
  if (!mapped.ok()) {
    Reject(record, Rejection::Invalid(std::string(mapped.status().message())), fed);
    return fed;
  }
  const std::string trace = TraceOf(record);
  std::string reasons;
  size_t count = 0;
  for (MappedOutcome& outcome : mapped->outcomes) {
    if (outcome.reason.empty()) {
      ++fed.counts.events;
      fed.outputs.push_back(RecordOf(outcome.event, trace));
    } else if (++count <= kReasonsMax) {
      absl::StrAppend(&reasons, reasons.empty() ? "" : "; ", "row ", outcome.line, ": ", outcome.reason);
    }
  }
  fed.counts.left_out = mapped->left_out;
  fed.counts.notes = std::move(mapped->notes);
  if (count > kReasonsMax) absl::StrAppend(&reasons, "; and ", count - kReasonsMax, " more");
  if (count > 0) Reject(record, Rejection::Invalid(std::move(reasons)), fed);
  return fed;
}

}  // namespace keyfold
