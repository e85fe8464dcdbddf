#include "metrics/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "metrics/families.h"
#include "prometheus/text_serializer.h"

namespace keyfold {
namespace {

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t all_pages = 0;
  int64_t resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime));
}

// The names are those that every client library has for them.
std::function<void()> ProcessMetrics(prometheus::Registry& registry) {
  prometheus::Gauge& began =
      GaugeFamily(registry, "process_start_time_seconds", "When the process began, Unix time").Add({});
  prometheus::Gauge& resident =
      GaugeFamily(registry, "process_resident_memory_bytes", "Memory of the process, as the kernel counts it").Add({});
  prometheus::Counter& processor =
      CounterFamily(registry, "process_cpu_seconds_total", "Processor time of all threads").Add({});
  began.Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  return [&resident, &processor] {
    resident.Set(static_cast<double>(ResidentBytes()));
    processor.Increment(ProcessorSeconds() - processor.Value());
  };
}

}  // namespace

Metrics::Metrics()
    : registry_(std::make_unique<prometheus::Registry>()),
      process_(std::make_unique<Hook>(*this, ProcessMetrics(*registry_))) {}

Metrics::~Metrics() = default;

Metrics::Hook::Hook(Metrics& metrics, std::function<void()> before_scrape) : metrics_(metrics) {
  const absl::MutexLock lock(&metrics_.mutex_);
  metrics_.hooks_.emplace(this, std::move(before_scrape));
}

Metrics::Hook::~Hook() {
  const absl::MutexLock lock(&metrics_.mutex_);
  metrics_.hooks_.erase(this);
}

std::string Metrics::Scrape() {
  {
    const absl::MutexLock lock(&mutex_);
    for (const auto& [hook, before_scrape] : hooks_) before_scrape();
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, registry_->Collect());
  return std::move(text).str();
}

}  // namespace keyfold
