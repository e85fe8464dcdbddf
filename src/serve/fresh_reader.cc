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
  KEYFOLD_RETURN_IF_ERROR(owners_.complete());
  std::set<int32_t> elsewhere;
  for (const auto& [partition, claim] : owners_.Elsewhere()) elsewhere.insert(partition);
  const bool is_fresh = reader_ != nullptr && now - opened_at_ < kAgeMax && now >= opened_at_;
  if (is_fresh && elsewhere == left_out_) return reader_;
  KEYFOLD_ASSIGN_OR_RETURN(ProjectionReader reader, OpenLocalReader(config_, catalog_, environment_, elsewhere));
  reader_ = std::make_shared<const ProjectionReader>(std::move(reader));
  opened_at_ = now;
  left_out_ = std::move(elsewhere);
  return reader_;
}

}  // namespace keyfold
