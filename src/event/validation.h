// The rules that an event must keep (docs/events.md, "Required are" and "Wrong input").
#ifndef KEYFOLD_EVENT_VALIDATION_H_
#define KEYFOLD_EVENT_VALIDATION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/currency.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

struct Validation {
  std::string problem;              // "<field>: <what is wrong>"; empty: the event is valid
  bool has_unknown_fields = false;  // of a valid event: some message of it may hold fields that this version ignores
};

// Pure, thread-safe. A rate for `reporting_currency` is a problem. Of a retracted event only the envelope, the payload
// and the entity key are checked.
Validation Validate(const v1::AccountEvent& event, Currency reporting_currency);

// The rule for ids that stand outside an event, as a record key does: "" or "<field>: <what is wrong>".
std::string ValidateId(std::string_view field, std::string_view id);

// Whether a field number of AccountEvent is one of its payloads.
bool IsPayloadNumber(uint32_t field_number);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_VALIDATION_H_
