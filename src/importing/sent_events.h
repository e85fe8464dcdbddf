// What an import has sent, kept on disk: so that a later export of the same data sends only what differs.
#ifndef KEYFOLD_IMPORTING_SENT_EVENTS_H_
#define KEYFOLD_IMPORTING_SENT_EVENTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "importing/unit_rows.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

struct SentCounts {
  int64_t is_new = 0;
  int64_t corrected = 0;
  int64_t retracted = 0;
  int64_t unchanged = 0;
};

// Of one mapping and one topic. A fact that has changed gets the next revision, one that is gone is retracted, one that
// names another account or entity now is retracted there and new here. Not thread-safe.
//
// Killed at any moment it loses and doubles nothing: what is to be sent is stored before it is sent, and whether it was
// delivered afterwards. What may not have been delivered is sent again with the same revision, or, where it has changed
// meanwhile, with a higher one.
class SentEvents {
 public:
  // `target` is where the events go: FailedPrecondition if the directory is of another one. `source` is what
  // retractions say as theirs. Other errors are those of OpenRocksStore().
  static absl::StatusOr<std::unique_ptr<SentEvents>> Open(const std::string& directory, const std::string& target,
                                                          const std::string& source);

  enum class Unit : char { kOnce = 'o', kRows = 'r' };

  // What has to be sent so that the unit's events are `events`: without those that are retracted, and none with a lower
  // revision than it has there. A unit of kOnce only moves to an earlier time: what was said first of an account stays.
  // `complete`: there are no others; false: some of its rows were rejected, which say nothing about what there is, so
  // nothing is taken back.
  absl::StatusOr<std::vector<v1::AccountEvent>> Plan(Unit unit, std::string_view key,
                                                     std::vector<v1::AccountEvent> events, bool complete);

  // Adds to the snapshots of a record those that were there before, and remembers all of them. `columns` are the names
  // of their cells.
  absl::Status AddHistory(std::string_view key, const std::vector<std::string>& columns, KeyedRows& rows);

  // Stores what was planned; to be called before it is sent.
  absl::Status Store();

  // What was stored has been delivered.
  absl::Status Delivered();

  // Compares the end of the topic (of all partitions together) with what it was when NoteEnd() was called last.
  // FailedPrecondition: it is before that, so the topic was made anew, and what was sent is gone.
  absl::Status CheckEnd(int64_t end) const;
  absl::Status NoteEnd(int64_t end);

  const SentCounts& counts() const { return counts_; }

 private:
  SentEvents(std::unique_ptr<ShardStore> store, std::string source, std::string directory)
      : store_(std::move(store)), source_(std::move(source)), directory_(std::move(directory)) {}

  std::unique_ptr<ShardStore> store_;
  const std::string source_;
  const std::string directory_;
  uint64_t batch_ = 1;      // of what is planned now
  uint64_t delivered_ = 0;  // batches up to this one
  StoreBatch planned_;
  SentCounts counts_;
};

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_SENT_EVENTS_H_
