// Events as tests write them: when, and the payload in Protobuf's text format.
//
//   At("2025-03-01", "order_placed { order_id: 'O' }")       at noon UTC
//   At("2025-03-01T23:30:00.5Z", "order_delivered { order_id: 'O' }", {.event_id = "b"})
#ifndef KEYFOLD_TESTS_SUPPORT_EVENT_BUILDER_H_
#define KEYFOLD_TESTS_SUPPORT_EVENT_BUILDER_H_

#include <google/protobuf/text_format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// A test that cannot be read ends here.
[[noreturn]] inline void AbortTest(std::string_view reason) {
  std::fprintf(stderr, "malformed test: %.*s\n", static_cast<int>(reason.size()), reason.data());
  std::abort();
}

// "2025-03-01" (noon UTC) or "2025-03-01T10:00:00.5Z".
inline google::protobuf::Timestamp Instant(std::string_view when) {
  const std::string text = when.size() == 10 ? absl::StrCat(std::string(when), "T12:00:00Z") : std::string(when);
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) AbortTest(error);
  google::protobuf::Timestamp instant;
  instant.set_seconds(absl::ToUnixSeconds(time));
  instant.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(instant.seconds())) / absl::Nanoseconds(1)));
  return instant;
}

struct Envelope {
  std::string event_id = {};  // empty: "<when> <payload>", so equal facts have equal ids
  std::string account_id = "A1";
  uint32_t revision = 0;
  bool retracted = false;
};

inline v1::AccountEvent At(std::string_view when, std::string_view payload, const Envelope& envelope = {}) {
  v1::AccountEvent event;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(payload), &event)) AbortTest(payload);
  *event.mutable_occurred_at() = Instant(when);
  event.set_event_id(envelope.event_id.empty() ? absl::StrCat(std::string(when), " ", std::string(payload))
                                               : envelope.event_id);
  event.set_account_id(envelope.account_id);
  event.set_revision(envelope.revision);
  event.set_retracted(envelope.retracted);
  return event;
}

// A field that holds money, in text format: " net { currency_code: 'EUR' minor: 100 } ".
inline std::string Money(std::string_view field, int64_t minor, std::string_view currency = "EUR") {
  return absl::StrCat(" ", std::string(field), " { currency_code: '", std::string(currency), "' minor: ", minor, " } ");
}

// A line of an order, invoice or credit note, in text format.
inline std::string LineOf(std::string_view sale_type, int64_t net, int64_t cost, std::string_view currency = "EUR") {
  return absl::StrCat(" lines { sale_type: ", std::string(sale_type), Money("net", net, currency),
                      Money("cost", cost, currency), "} ");
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_EVENT_BUILDER_H_
