// An entity's events, as stored and as folded.
#ifndef KEYFOLD_STATE_STORED_ENTITY_H_
#define KEYFOLD_STATE_STORED_ENTITY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "account/entity.h"
#include "google/protobuf/arena.h"
#include "keyfold/v1/stored_state.pb.h"

namespace keyfold {

// The highest revision seen of one event_id. Points to what somebody else keeps.
struct EventEntry {
  const v1::AccountEvent* event;
  int64_t recorded_at_ms;
  int64_t offset;
  std::string_view protobuf;  // the event's bytes, where they are known
};

// In a stakeholder: a meeting that was held with them.
using MentionEntry = Mention;

// Appends the bytes of the v1.StoredEntity with these events (by event_id) and mentions (by meeting_id, event_id).
void AppendEntity(std::span<const EventEntry> events, std::span<const MentionEntry> mentions, std::string& bytes);

using EventEntries = absl::InlinedVector<EventEntry, 2>;

// Reads what AppendEntity() has written: appends to `events`, which lie on the arena, and `mentions`; both point
// into the bytes. False: they are damaged.
[[nodiscard]] bool ParseEntity(std::string_view bytes, google::protobuf::Arena& arena, EventEntries& events,
                               std::vector<MentionEntry>& mentions);

// The history that contributions are made from: live events in sort order, and mentions. The pointers live as long as
// what it was made of.
class LoadedHistory {
 public:
  LoadedHistory() = default;
  explicit LoadedHistory(const v1::StoredEntity& stored);

  // Begins anew with these events.
  void Load(std::span<const EventEntry> events, std::span<const MentionEntry> mentions);

  EntityHistory view() const { return {events_, mentions_}; }

 private:
  void Sort();

  std::vector<const v1::AccountEvent*> events_;
  std::vector<Mention> mentions_;
};

}  // namespace keyfold

#endif  // KEYFOLD_STATE_STORED_ENTITY_H_
