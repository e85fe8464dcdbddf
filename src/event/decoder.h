// The only door for input: bytes -> a valid event, an erasure, or a rejection that says what is wrong.
#ifndef KEYFOLD_EVENT_DECODER_H_
#define KEYFOLD_EVENT_DECODER_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/currency.h"
#include "event/rejection.h"
#include "google/protobuf/arena.h"
#include "keyfold/record.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

enum class Format;
struct CloudEvent;
struct JsonValue;

// An event that keeps every rule of docs/events.md, without unknown fields. Only the decoder makes them from input.
class ValidEvent {
 public:
  const v1::AccountEvent& operator*() const { return *event_; }
  const v1::AccountEvent* operator->() const { return event_.get(); }

  // Of an event on an arena: its Protobuf as it arrived, which lives as long as its record. Empty: it did not arrive
  // like that, or not without unknown fields.
  std::string_view protobuf() const { return protobuf_; }

  // The trace that the event is part of, as in the header of W3C Trace Context; empty: its record names none.
  const std::string& traceparent() const { return traceparent_; }

 private:
  friend class Decoder;

  // What lies on an arena goes with it.
  struct Deleter {
    bool on_arena = false;
    void operator()(v1::AccountEvent* event) const {
      if (!on_arena) delete event;
    }
  };
  using Pointer = std::unique_ptr<v1::AccountEvent, Deleter>;

  explicit ValidEvent(Pointer event, std::string_view protobuf = {}) : event_(std::move(event)), protobuf_(protobuf) {}

  Pointer event_;
  std::string_view protobuf_;
  std::string traceparent_;
};

// A null value under an account's key: forget the account.
struct Erasure {
  std::string account_id;
};

// A record that holds several events, as a batch of CloudEvents does: each of them, or why it is none. None is a
// control payload.
struct EventList {
  std::vector<std::variant<ValidEvent, Rejection>> events;
};

using DecodedRecord = std::variant<ValidEvent, Erasure, Rejection, EventList>;

// Thread-safe.
class Decoder {
 public:
  // `reporting_currency`: a rate for it is invalid.
  explicit Decoder(Currency reporting_currency) : reporting_currency_(reporting_currency) {}

  // A record of the input topic: Protobuf, Confluent wire format, proto3 JSON or CloudEvents with one of these, told
  // apart by its headers, else by the first byte. Checks that the record key is the account_id. With an arena, events
  // lie on it.
  DecodedRecord Decode(const Record& record, google::protobuf::Arena* arena = nullptr) const;

  // A line of JSON lines: an event, or {"erase_account": "ID"}. There is no record key to check, and it is never a
  // list.
  DecodedRecord DecodeJsonLine(std::string_view line) const;

 private:
  struct Parsed {
    ValidEvent::Pointer event;
    std::string_view protobuf;  // from which it was parsed; empty: from something else
  };
  using EventOrRejection = std::variant<ValidEvent, Rejection>;

  std::variant<Parsed, Rejection> ParseEvent(Format format, std::string_view bytes,
                                             google::protobuf::Arena* arena) const;
  EventOrRejection DecodeEvent(const Record& record, Format format, std::string_view bytes, const CloudEvent* around,
                               google::protobuf::Arena* arena) const;
  EventOrRejection DecodeCloudEvent(const Record& record, const JsonValue& json, google::protobuf::Arena* arena) const;
  DecodedRecord DecodeCloudEvents(const Record& record, Format format, google::protobuf::Arena* arena) const;

  Currency reporting_currency_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_DECODER_H_
