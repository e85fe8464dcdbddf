#include "explain/account_events.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "ask/top_rows.h"
#include "base/status_macros.h"
#include "state/entity_reader.h"

namespace keyfold {
namespace {

// The event is copied only where it is kept.
struct Kept {
  EventPlace place;
  std::unique_ptr<FoundEvent> found;
};

struct Later {
  bool operator()(const Kept& a, const Kept& b) const { return b.place < a.place; }
};

class EventFinder {
 public:
  EventFinder(const EventQuery& query, const Calendar& calendar, int32_t partition)
      : query_(query), calendar_(calendar), partition_(partition), kept_(query.limit, Later()) {}

  bool Wants(EntityKind kind) const { return !query_.kind.has_value() || *query_.kind == kind; }

  void Take(const EntityRecord& entity) {
    if (query_.entity_id.has_value() && *query_.entity_id != entity.ref.id) return;
    std::optional<std::vector<WithoutEffect>> without_effect;  // told when somebody asks
    for (const EventEntry& entry : entity.events) {
      if (!Fulfils(*entry.event)) continue;
      ++found_.total;
      const google::protobuf::Timestamp& at = entry.event->occurred_at();
      Kept kept{{at.seconds(), at.nanos(), entity.ref, entry.event->event_id()}, nullptr};
      if (query_.before.has_value() && !(kept.place < *query_.before)) continue;
      ++older_;
      if (!kept_.Keeps(kept)) continue;
      if (!without_effect.has_value()) {
        without_effect = EventsWithoutEffect(entity.ref.kind, entity.history, calendar_);
      }
      const auto is_this = [&entry](const WithoutEffect& one) { return one.event == entry.event; };
      const auto reason = std::find_if(without_effect->begin(), without_effect->end(), is_this);
      kept.found = std::make_unique<FoundEvent>();
      kept.found->origin = OriginOf(entity.ref, entry, partition_);
      kept.found->event = *entry.event;
      if (reason != without_effect->end()) kept.found->without_effect = reason->reason;
      kept_.Add(std::move(kept));
    }
  }

  FoundEvents Finish() && {
    for (Kept& kept : std::move(kept_).Take()) found_.events.push_back(std::move(*kept.found));
    found_.more = older_ > static_cast<int64_t>(found_.events.size());
    return std::move(found_);
  }

 private:
  bool Fulfils(const v1::AccountEvent& event) const {
    if (!query_.types.empty() && !query_.types.contains(event.payload_case())) return false;
    if (query_.event_id.has_value() && *query_.event_id != event.event_id()) return false;
    if (!query_.from.has_value() && !query_.to.has_value()) return true;
    const Day day = calendar_.DayOf(event.occurred_at().seconds());
    return day >= query_.from.value_or(day) && day <= query_.to.value_or(day);
  }

  const EventQuery& query_;
  const Calendar& calendar_;
  const int32_t partition_;
  TopRows<Kept, Later> kept_;
  FoundEvents found_;
  int64_t older_ = 0;
};

Json MessageJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  // It was made of the same text, or of bytes that were checked.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
}

// What an order's, an invoice's or a credit note's lines come to.
void SumLines(const google::protobuf::Message& payload, Json& json) {
  const google::protobuf::FieldDescriptor* const lines = payload.GetDescriptor()->FindFieldByName("lines");
  if (lines == nullptr) return;
  std::map<std::string, int64_t> net;
  const google::protobuf::Reflection& reflection = *payload.GetReflection();
  const int count = reflection.FieldSize(payload, lines);
  for (int i = 0; i < count; ++i) {
    const auto& line = static_cast<const v1::Line&>(reflection.GetRepeatedMessage(payload, lines, i));
    net[line.net().currency_code()] += line.net().minor();
  }
  json["line_count"] = count;
  json["net"] = Json::array();
  for (const auto& [currency, minor] : net) json["net"].push_back({{"currency_code", currency}, {"minor", minor}});
}

Json PayloadSummary(const v1::AccountEvent& event) {
  const google::protobuf::FieldDescriptor* const field =
      v1::AccountEvent::descriptor()->FindFieldByNumber(event.payload_case());
  const google::protobuf::Message& payload = event.GetReflection()->GetMessage(event, field);
  Json json = MessageJson(payload);
  json.erase("lines");
  SumLines(payload, json);
  return json;
}

const google::protobuf::OneofDescriptor& Payloads() {
  return *v1::AccountEvent::descriptor()->FindOneofByName("payload");
}

}  // namespace

EventPlace PlaceOf(const FoundEvent& found) {
  const google::protobuf::Timestamp& occurred_at = found.event.occurred_at();
  return {occurred_at.seconds(), occurred_at.nanos(), found.origin.entity, found.origin.event_id};
}

absl::StatusOr<std::optional<FoundEvents>> FindEvents(const ProjectionReader& reader, const EventQuery& query) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<AccountRecord> account, reader.ReadAccount(query.account_id));
  if (!account.has_value()) return std::nullopt;
  const ShardSource& source = reader.shards()[account->shard];
  EventFinder finder(query, reader.catalog().calendar(), source.partition);
  KEYFOLD_RETURN_IF_ERROR(VisitEntities(
      *source.store, query.account_id, [&finder](EntityKind kind) { return finder.Wants(kind); },
      [&finder](const EntityRecord& entity) { finder.Take(entity); }));
  return std::move(finder).Finish();
}

Json SummaryOf(const FoundEvent& found) {
  Json json = ToJson(found.origin);
  PutText(json, "correlation_id", found.event.correlation_id());
  if (found.event.retracted()) json["retracted"] = true;
  if (found.without_effect.has_value()) json["without_effect"] = NoEffectName(*found.without_effect);
  json["payload"] = PayloadSummary(found.event);
  return json;
}

Json ToJson(const FoundEvent& found) {
  Json json = SummaryOf(found);
  json["event"] = MessageJson(found.event);
  return json;
}

std::optional<v1::AccountEvent::PayloadCase> EventTypeOf(std::string_view name) {
  for (int i = 0; i < Payloads().field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *Payloads().field(i);
    if (field.name() == name) return static_cast<v1::AccountEvent::PayloadCase>(field.number());
  }
  return std::nullopt;
}

std::vector<std::string_view> EventTypeNames() {
  std::vector<std::string_view> names;
  for (int i = 0; i < Payloads().field_count(); ++i) names.emplace_back(Payloads().field(i)->name());
  return names;
}

std::optional<EntityKind> EntityKindOf(std::string_view name) {
  for (auto kind = static_cast<uint8_t>(EntityKind::kAccount); kind <= static_cast<uint8_t>(EntityKind::kRisk);
       ++kind) {
    if (EntityKindName(static_cast<EntityKind>(kind)) == name) return static_cast<EntityKind>(kind);
  }
  return std::nullopt;
}

}  // namespace keyfold
