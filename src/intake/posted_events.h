// What was posted over HTTP -> events for the input topic, or why not. Pure: neither HTTP nor Kafka.
//
//   application/json                     an event, a list of events, or lines of events
//   application/x-ndjson                 lines of events
//   application/cloudevents+json         a CloudEvent in structured mode
//   application/cloudevents-batch+json   a list of these, of any accounts
//   application/protobuf                 an event
//   any, with a header ce-specversion    a CloudEvent in binary mode
//
// CloudEvents: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
#ifndef KEYFOLD_INTAKE_POSTED_EVENTS_H_
#define KEYFOLD_INTAKE_POSTED_EVENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/currency.h"
#include "keyfold/record.h"

namespace keyfold {

inline constexpr size_t kPostedEventsMax = 10'000;  // of one request

enum class PostedStatus {
  kValid,           // to be sent
  kAccepted,        // Kafka has it
  kRejected,        // it breaks the contract: sent again it is rejected again
  kUnacknowledged,  // whether Kafka has it is not known: to be sent again
};

// "valid", "accepted", "rejected", "unacknowledged".
std::string_view NameOf(PostedStatus status);

struct PostedEvent {
  int64_t line = 0;      // of the body, or the place in its list, from 1
  std::string event_id;  // empty: it has none, or none that could be read
  PostedStatus status = PostedStatus::kRejected;
  std::string reason;       // why it is rejected, or not acknowledged
  std::string account_id;   // of a valid one; empty: a control event, which goes to every partition
  std::string value;        // of a valid one: Protobuf
  std::string traceparent;  // of a valid one; empty: it is part of no trace
};

struct PostedBody {
  const std::vector<std::pair<std::string, std::string>>& headers;  // of the request; names know no case
  std::string_view bytes;
};

// Each event is judged as the worker's decoder does it, by which the account's id is the key of its record. Null values
// that erase an account do not come in this way: sent again they would erase what came meanwhile.
//
// Errors: Unimplemented: the content type is none of these. InvalidArgument: there is no event to be read. OutOfRange:
// there are more than kPostedEventsMax.
absl::StatusOr<std::vector<PostedEvent>> ReadPosted(const PostedBody& body, Currency reporting_currency);

// Of the event in a record of the input topic, of a batch the first one; empty: it has none, or cannot be read, which
// the decoder then says.
std::string AccountIn(const Record& record);

// The headers of its record, as `keyfold produce` sends them, and the trace.
std::vector<RecordHeader> HeadersOf(const PostedEvent& event);

}  // namespace keyfold

#endif  // KEYFOLD_INTAKE_POSTED_EVENTS_H_
