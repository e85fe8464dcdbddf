// CloudEvents 1.0 around account events, in the Kafka protocol binding and the JSON event format:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
//
//   binary mode       headers ce_specversion, ce_id, ce_source, ce_type, …; the value is the data, of `content-type`
//   structured mode   content-type application/cloudevents+json; the value is an object with the attributes and `data`
//   batch             content-type application/cloudevents-batch+json; the value is a list of such objects
#ifndef KEYFOLD_EVENT_CLOUD_EVENT_H_
#define KEYFOLD_EVENT_CLOUD_EVENT_H_

#include <string>
#include <vector>

#include "event/exact_json.h"
#include "keyfold/record.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

struct CloudEvent {
  std::string complaint;  // why it is none; empty: it is one
  std::string id;
  std::string source;
  std::string time;         // empty: it has none
  std::string traceparent;  // the extension for distributed tracing; empty: it has none

  // Of structured mode: what it holds, and of which content type.
  std::string data;
  std::string data_type;
};

// Whether the headers say that the record is a CloudEvent in binary mode.
bool IsBinaryCloudEvent(const std::vector<RecordHeader>& headers);

// REQUIRES: IsBinaryCloudEvent(headers).
CloudEvent BinaryCloudEvent(const std::vector<RecordHeader>& headers);

CloudEvent StructuredCloudEvent(const JsonValue& json);

// What the event does not say itself is as the CloudEvent has it (docs/formats.md, "CloudEvents"): event_id, source,
// occurred_at. Returns what is wrong with that, as in Rejection::message; empty: nothing.
std::string TakeFrom(const CloudEvent& around, v1::AccountEvent& event);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_CLOUD_EVENT_H_
