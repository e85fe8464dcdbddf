// A topic that a mapping looks up in: read from its beginning, then followed.
#ifndef KEYFOLD_FEED_LOOKUP_TOPIC_H_
#define KEYFOLD_FEED_LOOKUP_TOPIC_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feed/lookup_rows.h"
#include "keyfold/record.h"

namespace keyfold {

// Reads the committed records of a topic. A port: tests have one of their own. Not thread-safe. Errors: those of
// TopicFollower.
class LookupReader {
 public:
  virtual ~LookupReader() = default;

  // Asks where the topic ends now.
  virtual absl::Status LookForEnds() = 0;

  // How many offsets are to be read up to where the topic ended when LookForEnds() was called last.
  virtual int64_t left() const = 0;

  // The next records, in the order of their offsets within a partition; empty when nothing came for `wait_max`. They
  // must be gone before the reader is.
  virtual absl::StatusOr<std::vector<Record>> Poll(size_t records_max, absl::Duration wait_max) = 0;
};

// Begins with the topic's first record. NotFound: there is no such topic.
using LookupOpener = std::function<absl::StatusOr<std::unique_ptr<LookupReader>>(const std::string& topic)>;

// How topics are read for lookups.
struct LookupReading {
  LookupOpener open;
  std::function<bool()> stopped = [] { return false; };
  absl::Duration wait_max = absl::Seconds(30);  // of CatchUp(); of Load() while nothing comes
  std::string input;                            // for messages: the topic whose mapping looks up
};

// Keeps the rows as the topic has them. Not thread-safe. Where the topic was made anew, has got partitions, or has lost
// what was not read yet, it is read from its beginning again.
class LookupTopic {
 public:
  // `reading` outlives this.
  LookupTopic(LookupRows rows, const LookupReading& reading) : rows_(std::move(rows)), reading_(reading) {}

  // Reads up to where the topic ends when this is called: what was written to it before is among the rows. Afterwards
  // it holds all records up to there, and maybe later ones. What was read before an error is kept. Transient errors
  // (base/transient.h) pass: DeadlineExceeded after LookupReading::wait_max, Aborted when it is stopped.
  // FailedPrecondition: there is no such topic.
  absl::Status CatchUp();

  // CatchUp(), for as long as records come.
  absl::Status Load();

  // Takes what has come, and waits for nothing.
  absl::Status Follow();

  const LookupSource& source() const { return rows_.source(); }
  LookupCounts counts() const { return rows_.counts(); }

 private:
  absl::Status Open();
  absl::Status ReadToEnd(bool while_they_come);
  absl::Status TakeNext(absl::Duration wait_max);
  absl::Status Judged(const absl::Status& status);
  std::string Name() const;

  LookupRows rows_;
  const LookupReading& reading_;
  std::unique_ptr<LookupReader> reader_;
  bool is_loaded_ = false;
};

}  // namespace keyfold

#endif  // KEYFOLD_FEED_LOOKUP_TOPIC_H_
