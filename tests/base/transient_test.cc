#include "base/transient.h"

#include <gtest/gtest.h>

namespace keyfold {
namespace {

TEST(TransientTest, OnlyErrorsThatCanPassAreTriedAgain) {
  for (const absl::StatusCode code : {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
                                      absl::StatusCode::kAborted, absl::StatusCode::kResourceExhausted}) {
    EXPECT_TRUE(IsTransient(absl::Status(code, "")));
  }
  for (const absl::StatusCode code : {absl::StatusCode::kFailedPrecondition, absl::StatusCode::kDataLoss,
                                      absl::StatusCode::kInvalidArgument, absl::StatusCode::kPermissionDenied}) {
    EXPECT_FALSE(IsTransient(absl::Status(code, "")));
  }
  EXPECT_FALSE(IsTransient(absl::OkStatus()));
}

}  // namespace
}  // namespace keyfold
