// Which errors trying again can mend.
#ifndef KEYFOLD_BASE_TRANSIENT_H_
#define KEYFOLD_BASE_TRANSIENT_H_

#include "absl/status/status.h"

namespace keyfold {

// Whether trying again, after a while, can help: something is away or busy (Unavailable, DeadlineExceeded), has no room
// now (ResourceExhausted), or was interrupted by somebody else (Aborted). Anything else an operator has to mend. OK is
// not transient.
inline bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace keyfold

#endif  // KEYFOLD_BASE_TRANSIENT_H_
