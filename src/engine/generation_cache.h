// What was used lately, by name, within a budget that several caches share.
#ifndef KEYFOLD_ENGINE_GENERATION_CACHE_H_
#define KEYFOLD_ENGINE_GENERATION_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "keyfold/memory_budget.h"

namespace keyfold {

// Two generations: what is asked for moves to the younger one; when the budget is exceeded the older one goes, and the
// younger one grows old. Not thread-safe.
template <typename Value>
class GenerationCache {
 public:
  // `budget` outlives the cache.
  explicit GenerationCache(MemoryBudget& budget) : budget_(budget) {}
  ~GenerationCache() { budget_.Add(-(young_.bytes + old_.bytes)); }
  GenerationCache(const GenerationCache&) = delete;
  GenerationCache& operator=(const GenerationCache&) = delete;

  // nullptr: it is not here. The pointer holds until Trim() or Erase().
  Value* Find(std::string_view name) {
    if (const auto at = young_.values.find(name); at != young_.values.end()) return at->second.value.get();
    const auto at = old_.values.find(name);
    if (at == old_.values.end()) return nullptr;
    auto node = old_.values.extract(at);
    old_.bytes -= node.mapped().bytes;
    young_.bytes += node.mapped().bytes;
    Value* const value = node.mapped().value.get();
    young_.values.insert(std::move(node));
    return value;
  }

  // Takes the place of what is there under this name.
  Value& Insert(std::string_view name, std::unique_ptr<Value> value, int64_t bytes) {
    Erase(name);
    Value& inserted = *value;
    young_.values.try_emplace(std::string(name), Entry{std::move(value), bytes});
    young_.bytes += bytes;
    budget_.Add(bytes);
    return inserted;
  }

  // What is there under this name takes so many bytes now.
  void Resize(std::string_view name, int64_t bytes) {
    for (Generation* generation : {&young_, &old_}) {
      const auto at = generation->values.find(name);
      if (at == generation->values.end()) continue;
      const int64_t growth = bytes - std::exchange(at->second.bytes, bytes);
      generation->bytes += growth;
      budget_.Add(growth);
      return;
    }
  }

  void Erase(std::string_view name) {
    for (Generation* generation : {&young_, &old_}) {
      const auto at = generation->values.find(name);
      if (at == generation->values.end()) continue;
      generation->bytes -= at->second.bytes;
      budget_.Add(-at->second.bytes);
      generation->values.erase(at);
    }
  }

  // Lets go of what was not used lately, if the budget is exceeded.
  void Trim() {
    if (!budget_.exceeded()) return;
    budget_.Add(-old_.bytes);
    old_ = std::exchange(young_, Generation());
  }

 private:
  struct Entry {
    std::unique_ptr<Value> value;
    int64_t bytes;
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  struct Generation {
    absl::flat_hash_map<std::string, Entry, NameHash, std::equal_to<>> values;
    int64_t bytes = 0;
  };

  MemoryBudget& budget_;
  Generation young_;
  Generation old_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_GENERATION_CACHE_H_
