// Where the log has an event.
#ifndef KEYFOLD_EXPLAIN_EVENT_ORIGIN_H_
#define KEYFOLD_EXPLAIN_EVENT_ORIGIN_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "account/entity.h"
#include "ask/json.h"
#include "state/stored_entity.h"

namespace keyfold {

struct EventOrigin {
  EntityRef entity;  // that contributes
  std::string event_id;
  std::string type;  // "invoice_issued"
  uint32_t revision = 0;
  absl::Time occurred_at;
  std::string source;          // who published it
  int64_t recorded_at_ms = 0;  // Kafka timestamp of the record
  int32_t partition = 0;
  int64_t offset = 0;
};

EventOrigin OriginOf(const EntityRef& entity, const EventEntry& entry, int32_t partition);

Json ToJson(const EventOrigin& event);

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_EVENT_ORIGIN_H_
