#include "explain/event_origin.h"

#include "fold/cause.h"

namespace keyfold {
namespace {

std::string Instant(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()); }

}  // namespace

EventOrigin OriginOf(const EntityRef& entity, const EventEntry& entry, int32_t partition) {
  const v1::AccountEvent& event = *entry.event;
  EventOrigin origin;
  origin.entity = entity;
  origin.event_id = event.event_id();
  origin.type = std::string(EventTypeName(event.payload_case()));
  origin.revision = event.revision();
  origin.occurred_at =
      absl::FromUnixSeconds(event.occurred_at().seconds()) + absl::Nanoseconds(event.occurred_at().nanos());
  origin.source = event.source();
  origin.recorded_at_ms = entry.recorded_at_ms;
  origin.partition = partition;
  origin.offset = entry.offset;
  return origin;
}

Json ToJson(const EventOrigin& event) {
  Json json{{"entity", {{"kind", EntityKindName(event.entity.kind)}}}};
  PutText(json["entity"], "id", event.entity.id);
  json["event_id"] = event.event_id;
  PutText(json, "type", event.type);
  json["revision"] = event.revision;
  json["occurred_at"] = Instant(event.occurred_at);
  json["recorded_at"] = Instant(absl::FromUnixMillis(event.recorded_at_ms));
  PutText(json, "source", event.source);
  json["partition"] = event.partition;
  json["offset"] = event.offset;
  return json;
}

}  // namespace keyfold
