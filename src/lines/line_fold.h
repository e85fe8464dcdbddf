// JSON lines folded without Kafka: what `fold` and `validate` share.
#ifndef KEYFOLD_LINES_LINE_FOLD_H_
#define KEYFOLD_LINES_LINE_FOLD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "event/decoder.h"
#include "fold/offline_fold.h"
#include "kpi/catalog.h"
#include "lines/rejected_lines.h"
#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {

// Not thread-safe.
class LineFold {
 public:
  // The arguments outlive this.
  LineFold(const Catalog& catalog, UnknownFields unknown_fields, RejectedLines& rejected)
      : unknown_fields_(unknown_fields),
        decoder_(catalog.reporting_currency()),
        rejected_(rejected),
        store_(MergeStored),
        fold_(catalog, store_) {}

  LineFold(const LineFold&) = delete;
  LineFold& operator=(const LineFold&) = delete;

  // Folds all lines of the files, and tells `rejected` which are not. The errors are those of ForEachLine().
  absl::Status Fold(const std::vector<std::string>& files);

  // Folds an event that does not come from a line; `number` is what rejections call it by. Its effect may wait for
  // Flush().
  absl::Status Add(const v1::AccountEvent& event, int64_t number);
  absl::Status Flush();

  const OfflineFold& folded() const { return fold_; }

 private:
  const UnknownFields unknown_fields_;
  const Decoder decoder_;
  RejectedLines& rejected_;
  MemoryStore store_;
  OfflineFold fold_;
  std::unordered_map<int64_t, std::string> undecided_;  // the lines' texts, where somebody wants those of rejected ones
  const OfflineFold::RejectionHandler on_rejection_ = [this](int64_t line, const Rejection& rejection) {
    const auto text = undecided_.find(line);
    rejected_.Add(line, rejection, text == undecided_.end() ? std::string_view() : text->second);
  };
};

}  // namespace keyfold

#endif  // KEYFOLD_LINES_LINE_FOLD_H_
