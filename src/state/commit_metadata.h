// The metadata string of an offset commit, as JSON: operators see it in `kafka-consumer-groups --describe --verbose`.
#ifndef KEYFOLD_STATE_COMMIT_METADATA_H_
#define KEYFOLD_STATE_COMMIT_METADATA_H_

#include <string>

#include "keyfold/v1/stored_state.pb.h"

namespace keyfold {

std::string FormatCommitMetadata(const v1::CommitMetadata& metadata);

// A commit that is not ours (an operator's reset of the group) gives UnknownCommit().
v1::CommitMetadata ParseCommitMetadata(const std::string& text);

// What says nothing about sweeps: the cautious reading, a sweep from the beginning that publishes every account it
// visits.
v1::CommitMetadata UnknownCommit();
bool IsUnknown(const v1::CommitMetadata& metadata);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_COMMIT_METADATA_H_
