#include "engine/stored_entity.h"

#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

namespace keyfold {
namespace {

using ::google::protobuf::internal::WireFormatLite;

// What a StoredEvent takes without its tag and length. Leaves the event's size cached for serialising it.
size_t SizeOf(const EventEntry& entry) {
  const size_t event_size = entry.event->ByteSizeLong();
  size_t size = 1 + WireFormatLite::LengthDelimitedSize(event_size);
  if (entry.recorded_at_ms != 0) size += 1 + WireFormatLite::Int64Size(entry.recorded_at_ms);
  if (entry.offset != 0) size += 1 + WireFormatLite::Int64Size(entry.offset);
  return size;
}

uint8_t* WriteEvent(const EventEntry& entry, size_t size, uint8_t* out) {
  out = WireFormatLite::WriteTagToArray(v1::StoredEntity::kEventsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED,
                                        out);
  out = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), out);
  out = WireFormatLite::WriteTagToArray(v1::StoredEvent::kEventFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED,
                                        out);
  out = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(entry.event->GetCachedSize()), out);
  out = entry.event->SerializeWithCachedSizesToArray(out);
  if (entry.recorded_at_ms != 0) {
    out = WireFormatLite::WriteInt64ToArray(v1::StoredEvent::kRecordedAtMsFieldNumber, entry.recorded_at_ms, out);
  }
  if (entry.offset != 0) {
    out = WireFormatLite::WriteInt64ToArray(v1::StoredEvent::kOffsetFieldNumber, entry.offset, out);
  }
  return out;
}

}  // namespace

std::string SerializeEntity(std::span<const EventEntry> events, std::span<const MentionEntry> mentions) {
  std::string bytes;
  for (const EventEntry& entry : events) {
    const size_t size = SizeOf(entry);
    const size_t at = bytes.size();
    bytes.resize(at + 1 + WireFormatLite::LengthDelimitedSize(size));
    WriteEvent(entry, size, reinterpret_cast<uint8_t*>(bytes.data()) + at);
  }
  if (mentions.empty()) return bytes;
  v1::StoredEntity rest;  // a message's bytes are those of its fields, one after the other
  for (const MentionEntry& entry : mentions) {
    v1::MeetingMention* const mention = rest.add_mentions();
    mention->set_meeting_id(entry.meeting_id.data(), entry.meeting_id.size());
    mention->set_event_id(entry.event_id.data(), entry.event_id.size());
    mention->set_seconds(entry.seconds);
  }
  rest.AppendToString(&bytes);
  return bytes;
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
