#include "state/store_cursor.h"

namespace keyfold {

absl::Status StoreCursor::Next() {
  constexpr size_t kSliceEntries = 1'000;
  constexpr size_t kSliceBytes = 4 << 20;
  if (!done()) ++at_;
  if (!done() || ended_) return absl::OkStatus();
  slice_.clear();
  at_ = 0;
  ended_ = true;
  size_t bytes = 0;
  const absl::Status scanned = store_.Scan(prefix_, from_, [&](std::string_view key, std::string_view value) {
    slice_.emplace_back(key, value);
    bytes += key.size() + value.size();
    ended_ = slice_.size() < kSliceEntries && bytes < kSliceBytes;
    return ended_;
  });
  if (!slice_.empty()) from_ = slice_.back().first + '\0';  // the next key there can be
  return scanned;
}

}  // namespace keyfold
