#include "state/commit_metadata.h"

#include <google/protobuf/util/json_util.h>

namespace keyfold {
namespace {

constexpr int64_t kUnknownOffset = -1;

}  // namespace

std::string FormatCommitMetadata(const v1::CommitMetadata& metadata) {
  std::string text;
  // Cannot fail: account ids are valid UTF-8, they passed the decoder.
  (void)google::protobuf::util::MessageToJsonString(metadata, &text);
  return text;
}

v1::CommitMetadata ParseCommitMetadata(const std::string& text) {
  v1::CommitMetadata metadata;
  if (!text.empty() && google::protobuf::util::JsonStringToMessage(text, &metadata).ok()) return metadata;
  return UnknownCommit();
}

v1::CommitMetadata UnknownCommit() {
  v1::CommitMetadata metadata;
  metadata.set_from_offset(kUnknownOffset);
  metadata.mutable_sweep()->set_active(true);
  metadata.mutable_sweep()->set_publish_all(true);
  metadata.mutable_sweep()->set_day_moved(true);
  return metadata;
}

bool IsUnknown(const v1::CommitMetadata& metadata) { return metadata.from_offset() == kUnknownOffset; }

}  // namespace keyfold
