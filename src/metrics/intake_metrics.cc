#include "metrics/intake_metrics.h"

#include <functional>

#include "metrics/families.h"

namespace keyfold {
namespace {

std::function<void()> Refresh(prometheus::Registry& registry, const EventSink& sink) {
  auto& events = CounterFamily(registry, "keyfold_posted_events_total", "Events posted over HTTP, by their outcome");
  auto& accepted = events.Add({{"outcome", "accepted"}});
  auto& rejected = events.Add({{"outcome", "rejected"}});
  auto& unacknowledged = events.Add({{"outcome", "unacknowledged"}});
  auto& refused =
      CounterFamily(registry, "keyfold_posts_refused_total", "Requests with events for which there was no room")
          .Add({});
  return [&] {
    const IntakeCounts counts = sink.counts();
    CountUpTo(counts.accepted, accepted);
    CountUpTo(counts.rejected, rejected);
    CountUpTo(counts.unacknowledged, unacknowledged);
    CountUpTo(counts.refused, refused);
  };
}

}  // namespace

IntakeMetrics::IntakeMetrics(Metrics& metrics, const EventSink& sink)
    : hook_(metrics, Refresh(metrics.registry(), sink)) {}

}  // namespace keyfold
