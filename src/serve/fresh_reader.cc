#include "serve/fresh_reader.h"

#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "run/local_projection.h"

namespace keyfold {
namespace {

constexpr absl::Duration kAgeMax = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::shared_ptr<const ProjectionReader>> FreshReader::Get() {
  // Whoever comes while it is being opened waits for it, instead of opening it too.
  const absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (reader_ != nullptr && now - opened_at_ < kAgeMax && now >= opened_at_) return reader_;
  KEYFOLD_ASSIGN_OR_RETURN(ProjectionReader reader, OpenLocalReader(config_, catalog_, environment_));
  reader_ = std::make_shared<const ProjectionReader>(std::move(reader));
  opened_at_ = now;
  return reader_;
}

}  // namespace keyfold
