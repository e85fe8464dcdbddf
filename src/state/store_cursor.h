// The keys of a store one after the other, for whoever reads two places of it at once.
#ifndef KEYFOLD_STATE_STORE_CURSOR_H_
#define KEYFOLD_STATE_STORE_CURSOR_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "keyfold/shard_store.h"

namespace keyfold {

// Stands on the first key that starts with `prefix`, then on the next, and so on. Reads ahead in slices, so what is
// written under the prefix meanwhile may be seen or not. Not thread-safe.
class StoreCursor {
 public:
  // `store` outlives the cursor.
  StoreCursor(const ShardStore& store, std::string prefix)
      : store_(store), prefix_(std::move(prefix)), from_(prefix_) {}

  // REQUIRED before the first look, and moves on. An error is the store's.
  absl::Status Next();

  bool done() const { return at_ == slice_.size(); }

  // Unless done(); they live until Next().
  std::string_view key() const { return slice_[at_].first; }
  std::string_view value() const { return slice_[at_].second; }

 private:
  const ShardStore& store_;
  const std::string prefix_;
  std::string from_;
  bool ended_ = false;  // nothing follows the slice
  size_t at_ = 0;
  std::vector<std::pair<std::string, std::string>> slice_;
};

}  // namespace keyfold

#endif  // KEYFOLD_STATE_STORE_CURSOR_H_
