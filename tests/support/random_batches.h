// Random batches for stores, and what two stores must have in common after them.
#ifndef KEYFOLD_TESTS_SUPPORT_RANDOM_BATCHES_H_
#define KEYFOLD_TESTS_SUPPORT_RANDOM_BATCHES_H_

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "contract/shard_store_world.h"
#include "store/memory_store.h"

namespace keyfold {

// Few and short, so that keys meet each other and their prefixes; with the least and the greatest byte.
inline rc::Gen<std::string> AKey() {
  return rc::gen::mapcat(rc::gen::inRange<size_t>(1, 4), [](size_t size) {
    return rc::gen::container<std::string>(size, rc::gen::element('\x00', 'a', '\xfe', '\xff'));
  });
}

inline rc::Gen<std::string> SomeLetters() {
  return rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')), [](std::string letters) {
    std::sort(letters.begin(), letters.end());
    return letters;
  });
}

inline rc::Gen<StoreBatch::Operation> AnOperation() {
  return rc::gen::construct<StoreBatch::Operation>(
      rc::gen::weightedElement<StoreBatch::Kind>({{4, StoreBatch::Kind::kPut},
                                                  {8, StoreBatch::Kind::kMerge},
                                                  {2, StoreBatch::Kind::kDelete},
                                                  {1, StoreBatch::Kind::kDeletePrefix}}),
      AKey(), SomeLetters());
}

inline void Add(const StoreBatch::Operation& operation, StoreBatch& batch) {
  switch (operation.kind) {
    case StoreBatch::Kind::kPut:
      return batch.Put(operation.key, operation.value);
    case StoreBatch::Kind::kMerge:
      return batch.Merge(operation.key, operation.value);
    case StoreBatch::Kind::kDelete:
      return batch.Delete(operation.key);
    case StoreBatch::Kind::kDeletePrefix:
      return batch.DeletePrefix(operation.key);
  }
}

inline rc::Gen<std::vector<StoreBatch>> SomeBatches() {
  using Operations = std::vector<StoreBatch::Operation>;
  return rc::gen::map(rc::gen::container<std::vector<Operations>>(rc::gen::container<Operations>(AnOperation())),
                      [](const std::vector<Operations>& batches) {
                        std::vector<StoreBatch> result(batches.size());
                        for (size_t i = 0; i < batches.size(); ++i) {
                          for (const StoreBatch::Operation& operation : batches[i]) Add(operation, result[i]);
                        }
                        return result;
                      });
}

// Everything, a random prefix, and random keys.
inline void ExpectSame(const ShardStore& store, const MemoryStore& memory) {
  RC_ASSERT(Scanned(store, "", "") == StoredPairs(memory.contents().begin(), memory.contents().end()));
  const std::string prefix = *AKey();
  const std::string from = *AKey();
  RC_ASSERT(Scanned(store, prefix, from) == Scanned(memory, prefix, from));

  std::vector<std::string> keys = *rc::gen::container<std::vector<std::string>>(AKey());
  std::sort(keys.begin(), keys.end());
  const auto in_store = store.MultiGet(keys);
  const auto in_memory = memory.MultiGet(keys);
  RC_ASSERT(in_store.ok());
  RC_ASSERT(*in_store == *in_memory);
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_RANDOM_BATCHES_H_
