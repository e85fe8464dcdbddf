#include "metrics/state_metrics.h"

#include "metrics/families.h"

namespace keyfold {
namespace {

std::function<void()> Refresh(prometheus::Registry& registry, const StateSources& sources) {
  auto& used = GaugeFamily(registry, "keyfold_memory_bytes", "What is in use of a budget of memory");
  auto& limits = GaugeFamily(registry, "keyfold_memory_limit_bytes", "How large a budget of memory is");
  const auto limit = [&limits](const char* budget, int64_t bytes) {
    limits.Add({{"budget", budget}}).Set(static_cast<double>(bytes));
  };
  limit("accounts", sources.accounts->bytes_max());
  limit("block_cache", static_cast<int64_t>(sources.limits.block_cache_bytes));
  limit("write_buffers", static_cast<int64_t>(sources.limits.write_buffer_bytes));
  limit("fetch_queue", sources.fetch_queue_bytes_max);
  auto& accounts = used.Add({{"budget", "accounts"}});
  auto& block_cache = used.Add({{"budget", "block_cache"}});
  auto& write_buffers = used.Add({{"budget", "write_buffers"}});
  auto& stores = GaugeFamily(registry, "keyfold_shards", "Shards that are open").Add({});
  auto& bytes = GaugeFamily(registry, "keyfold_state_bytes", "Table files of the open shards, logs aside").Add({});
  auto& keys = GaugeFamily(registry, "keyfold_state_keys", "Keys of the open shards, an estimate").Add({});
  auto& ready = GaugeFamily(registry, "keyfold_ready", "1: /health/ready of the projection says so").Add({});
  return [&, sources] {
    accounts.Set(static_cast<double>(sources.accounts->bytes()));
    block_cache.Set(static_cast<double>(sources.environment->block_cache_used_bytes()));
    write_buffers.Set(static_cast<double>(sources.environment->write_buffer_used_bytes()));
    const StoreUsage usage = sources.environment->usage();
    stores.Set(static_cast<double>(usage.stores));
    bytes.Set(static_cast<double>(usage.table_file_bytes));
    keys.Set(static_cast<double>(usage.keys));
    ready.Set(sources.ready() ? 1 : 0);
  };
}

}  // namespace

StateMetrics::StateMetrics(Metrics& metrics, const StateSources& sources)
    : hook_(metrics, Refresh(metrics.registry(), sources)) {}

}  // namespace keyfold
