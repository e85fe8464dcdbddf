// Why something is published.
#ifndef KEYFOLD_FOLD_CAUSE_H_
#define KEYFOLD_FOLD_CAUSE_H_

#include <cstdint>
#include <string_view>

#include "keyfold/v1/account_event.pb.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {

// A record of the log, and what it did.
struct Cause {
  v1::KpiUpdate::Cause kind = v1::KpiUpdate::CAUSE_UNSPECIFIED;
  int64_t offset = 0;
  int64_t recorded_at_ms = 0;                                               // its timestamp; 0: not known
  v1::AccountEvent::PayloadCase event = v1::AccountEvent::PAYLOAD_NOT_SET;  // where it is an event
};

// Whether a record with this cause is published without knowledge of the one before.
inline bool IsAfresh(v1::KpiUpdate::Cause kind) {
  return kind == v1::KpiUpdate::DEFINITION || kind == v1::KpiUpdate::RECOVERY;
}

// "invoice_issued"; empty where there is no event. Lives for ever.
std::string_view EventTypeName(v1::AccountEvent::PayloadCase type);

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_CAUSE_H_
