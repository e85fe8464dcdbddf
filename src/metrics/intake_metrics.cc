#include "metrics/intake_metrics.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "metrics/families.h"

namespace keyfold {
namespace {

std::function<void()> RefreshSink(prometheus::Registry& registry, const EventSink& sink) {
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

std::function<void()> RefreshHooks(prometheus::Registry& registry, const Hooks& hooks) {
  auto& refused = CounterFamily(registry, "keyfold_hook_refused_total", "Webhooks whose signature was wrong");
  auto& rows = CounterFamily(registry, "keyfold_hook_rows_total", "What the rows of webhooks became, by the mapping");
  std::vector<std::function<void()>> all;
  for (const std::unique_ptr<Hook>& hook : hooks.all()) {
    auto& of_hook = refused.Add({{"hook", hook->name()}});
    auto& events = rows.Add({{"hook", hook->name()}, {"outcome", "event"}});
    auto& rejected = rows.Add({{"hook", hook->name()}, {"outcome", "rejected"}});
    auto& left_out = rows.Add({{"hook", hook->name()}, {"outcome", "left_out"}});
    all.emplace_back([&hook = *hook, &of_hook, &events, &rejected, &left_out] {
      const HookCounts counts = hook.counts();
      CountUpTo(counts.refused, of_hook);
      CountUpTo(counts.events, events);
      CountUpTo(counts.rejected, rejected);
      CountUpTo(counts.left_out, left_out);
    });
  }
  return [all = std::move(all)] {
    for (const std::function<void()>& refresh : all) refresh();
  };
}

}  // namespace

IntakeMetrics::IntakeMetrics(Metrics& metrics, const EventSink& sink, const Hooks& hooks)
    : sink_(metrics, RefreshSink(metrics.registry(), sink)), hooks_(metrics, RefreshHooks(metrics.registry(), hooks)) {}

}  // namespace keyfold
