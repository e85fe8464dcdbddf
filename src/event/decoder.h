// The only door for input: bytes -> a valid event, an erasure, or a rejection that says what is wrong.
#ifndef KEYFOLD_EVENT_DECODER_H_
#define KEYFOLD_EVENT_DECODER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/currency.h"
#include "google/protobuf/arena.h"
#include "keyfold/record.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

enum class Format;

// Why a record was not folded (docs/events.md, "Wrong input").
enum class RejectionCode { kTooLarge, kUndecodable, kInvalid, kConflict };
inline constexpr size_t kRejectionCodes = 4;

// "too_large", "undecodable", "invalid", "conflict": the error.code header of a dead letter.
std::string_view RejectionCodeName(RejectionCode code);

struct Rejection {
  RejectionCode code = RejectionCode::kInvalid;
  std::string message;  // of kInvalid: "<field>: <what is wrong>"
};

// An event that keeps every rule of docs/events.md, without unknown fields. Only the decoder makes them from input.
class ValidEvent {
 public:
  const v1::AccountEvent& operator*() const { return *event_; }
  const v1::AccountEvent* operator->() const { return event_.get(); }

  // Of an event on an arena: its Protobuf as it arrived, which lives as long as its record. Empty: it did not arrive
  // like that, or not without unknown fields.
  std::string_view protobuf() const { return protobuf_; }

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
};

// A null value under an account's key: forget the account.
struct Erasure {
  std::string account_id;
};

using DecodedRecord = std::variant<ValidEvent, Erasure, Rejection>;

// Thread-safe.
class Decoder {
 public:
  // `reporting_currency`: a rate for it is invalid.
  explicit Decoder(Currency reporting_currency) : reporting_currency_(reporting_currency) {}

  // A record of the input topic: Protobuf, Confluent wire format or proto3 JSON, told apart by its content-type header,
  // else by the first byte. Checks that the record key is the account_id. With an arena, the event lies on it.
  DecodedRecord Decode(const Record& record, google::protobuf::Arena* arena = nullptr) const;

  // A line of JSON lines: an event, or {"erase_account": "ID"}. There is no record key to check.
  DecodedRecord DecodeJsonLine(std::string_view line) const;

 private:
  struct Parsed {
    ValidEvent::Pointer event;
    std::string_view protobuf;  // from which it was parsed; empty: from something else
  };

  std::variant<Parsed, Rejection> ParseEvent(Format format, std::string_view bytes,
                                             google::protobuf::Arena* arena) const;

  Currency reporting_currency_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_DECODER_H_
