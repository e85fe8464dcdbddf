// `keyfold feed`: topics of other programs into the event topic, until stopped.
#ifndef KEYFOLD_FEED_FEED_H_
#define KEYFOLD_FEED_FEED_H_

#include <atomic>

#include "absl/status/status.h"
#include "config/config.h"

namespace keyfold {

struct FeedOptions {
  bool until_end = false;  // ends when everything that is in the inputs has been committed
};

// Runs a thread for each input of the configuration until `stop` is set, which it sets itself where one of them meets
// an error that trying again does not mend: then it returns that. InvalidArgument: there is no input, or something is
// wrong with a mapping. FailedPrecondition: a topic is missing, or another process has this one's name.
absl::Status Feed(const Config& config, const FeedOptions& options, std::atomic<bool>& stop);

}  // namespace keyfold

#endif  // KEYFOLD_FEED_FEED_H_
