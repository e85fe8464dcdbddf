#include "bench/bench_store.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "bench/workload.h"
#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

// A line of /proc/self/status that counts KiB: "VmRSS", "VmHWM".
int64_t ProcessBytes(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, name.size() + 1, name + ":") == 0) return std::stoll(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

}  // namespace

BenchDirectory::BenchDirectory() : path_((std::filesystem::temp_directory_path() / "keyfold-bench-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) Require(absl::InternalError("no temporary directory " + path_));
}

BenchDirectory::~BenchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

int64_t BenchDirectory::TableBytes() const {
  int64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (entry.path().extension() == ".sst") bytes += static_cast<int64_t>(entry.file_size());
  }
  return bytes;
}

std::unique_ptr<ShardStore> OpenBenchStore(StoreKind kind, RocksEnvironment& environment,
                                           const BenchDirectory& directory) {
  if (kind == StoreKind::kMemory) return std::make_unique<MemoryStore>(MergeStored);
  return Require(OpenRocksStore(environment, directory.path(), MergeStored));
}

MemoryPeak::MemoryPeak() {
  before_bytes_ = ProcessBytes("VmRSS");
  std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM begins anew (proc(5))
}

int64_t MemoryPeak::GrowthBytes() const { return ProcessBytes("VmHWM") - before_bytes_; }

}  // namespace keyfold
