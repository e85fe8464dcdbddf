#include "state/stored_entity.h"

#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <optional>

#include "base/varint.h"
#include "state/message_writer.h"

namespace keyfold {
namespace {

using ::google::protobuf::internal::WireFormatLite;

constexpr uint32_t Delimited(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}
constexpr uint32_t Varint(int field) { return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT); }

size_t SizeOfInteger(int64_t value) { return value == 0 ? 0 : 1 + WireFormatLite::Int64Size(value); }

size_t SizeOfBytes(size_t size) { return 1 + WireFormatLite::LengthDelimitedSize(size); }

void AppendEvent(const EventEntry& entry, std::string& out) {
  const size_t event_size = entry.protobuf.empty() ? entry.event->ByteSizeLong() : entry.protobuf.size();
  MessageWriter writer(out);
  writer.Begin(v1::StoredEntity::kEventsFieldNumber,
               SizeOfBytes(event_size) + SizeOfInteger(entry.recorded_at_ms) + SizeOfInteger(entry.offset));
  writer.Begin(v1::StoredEvent::kEventFieldNumber, event_size);
  if (entry.protobuf.empty()) {
    entry.event->AppendToString(&out);
  } else {
    out.append(entry.protobuf);
  }
  writer.Integer(v1::StoredEvent::kRecordedAtMsFieldNumber, entry.recorded_at_ms);
  writer.Integer(v1::StoredEvent::kOffsetFieldNumber, entry.offset);
}

void AppendMention(const MentionEntry& mention, std::string& out) {
  MessageWriter writer(out);
  writer.Begin(
      v1::StoredEntity::kMentionsFieldNumber,
      SizeOfBytes(mention.meeting_id.size()) + SizeOfBytes(mention.event_id.size()) + SizeOfInteger(mention.seconds));
  writer.Element(v1::MeetingMention::kMeetingIdFieldNumber, mention.meeting_id);
  writer.Element(v1::MeetingMention::kEventIdFieldNumber, mention.event_id);
  writer.Integer(v1::MeetingMention::kSecondsFieldNumber, mention.seconds);
}

// Takes the fields of a message off the front, one after the other; calls on_bytes(tag, bytes) or on_integer(tag,
// value).
template <typename OnBytes, typename OnInteger>
bool ReadFields(std::string_view message, const OnBytes& on_bytes, const OnInteger& on_integer) {
  while (!message.empty()) {
    const std::optional<uint64_t> tag = TakeVarint(message);
    if (!tag.has_value()) return false;
    if ((*tag & 7) == WireFormatLite::WIRETYPE_VARINT) {
      const std::optional<uint64_t> value = TakeVarint(message);
      if (!value.has_value()) return false;
      on_integer(*tag, static_cast<int64_t>(*value));
      continue;
    }
    const std::optional<std::string_view> bytes = TakeDelimited(message);
    if (!bytes.has_value() || !on_bytes(*tag, *bytes)) return false;
  }
  return true;
}

bool ParseEvent(std::string_view bytes, google::protobuf::Arena& arena, EventEntries& events) {
  EventEntry entry{nullptr, 0, 0, {}};
  const bool read = ReadFields(
      bytes,
      [&](uint64_t tag, std::string_view event_bytes) {
        if (tag != Delimited(v1::StoredEvent::kEventFieldNumber)) return false;
        auto* const event = google::protobuf::Arena::CreateMessage<v1::AccountEvent>(&arena);
        entry.event = event;
        entry.protobuf = event_bytes;
        return event->ParseFromArray(event_bytes.data(), static_cast<int>(event_bytes.size()));
      },
      [&](uint64_t tag, int64_t value) {
        (tag == Varint(v1::StoredEvent::kOffsetFieldNumber) ? entry.offset : entry.recorded_at_ms) = value;
      });
  if (!read || entry.event == nullptr) return false;
  events.push_back(entry);
  return true;
}

bool ParseMention(std::string_view bytes, std::vector<MentionEntry>& mentions) {
  MentionEntry& mention = mentions.emplace_back();
  return ReadFields(
      bytes,
      [&](uint64_t tag, std::string_view id) {
        (tag == Delimited(v1::MeetingMention::kMeetingIdFieldNumber) ? mention.meeting_id : mention.event_id) = id;
        return true;
      },
      [&](uint64_t /*tag*/, int64_t seconds) { mention.seconds = seconds; });
}

}  // namespace

void AppendEntity(std::span<const EventEntry> events, std::span<const MentionEntry> mentions, std::string& bytes) {
  for (const EventEntry& entry : events) AppendEvent(entry, bytes);
  for (const MentionEntry& mention : mentions) AppendMention(mention, bytes);
}

bool ParseEntity(std::string_view bytes, google::protobuf::Arena& arena, EventEntries& events,
                 std::vector<MentionEntry>& mentions) {
  return ReadFields(
      bytes,
      [&](uint64_t tag, std::string_view message) {
        if (tag == Delimited(v1::StoredEntity::kEventsFieldNumber)) return ParseEvent(message, arena, events);
        return tag == Delimited(v1::StoredEntity::kMentionsFieldNumber) && ParseMention(message, mentions);
      },
      [](uint64_t, int64_t) {});
}

LoadedHistory::LoadedHistory(const v1::StoredEntity& stored) {
  events_.reserve(static_cast<size_t>(stored.events_size()));
  for (const v1::StoredEvent& event : stored.events()) {
    if (!event.event().retracted()) events_.push_back(&event.event());
  }
  for (const v1::MeetingMention& mention : stored.mentions()) {
    mentions_.push_back({mention.meeting_id(), mention.event_id(), mention.seconds()});
  }
  Sort();
}

void LoadedHistory::Load(std::span<const EventEntry> events, std::span<const MentionEntry> mentions) {
  events_.clear();
  for (const EventEntry& entry : events) {
    if (!entry.event->retracted()) events_.push_back(entry.event);
  }
  mentions_.assign(mentions.begin(), mentions.end());
  Sort();
}

void LoadedHistory::Sort() {
  if (events_.size() < 2) return;
  std::sort(events_.begin(), events_.end(),
            [](const v1::AccountEvent* a, const v1::AccountEvent* b) { return SortsBefore(*a, *b); });
}

}  // namespace keyfold
