// An export folded without Kafka: what `validate` and `fold` do with --map.
#ifndef KEYFOLD_MAPPED_FOLD_MAPPED_H_
#define KEYFOLD_MAPPED_FOLD_MAPPED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lines/line_fold.h"
#include "mapped/map_flags.h"

namespace keyfold {

// Folds what becomes of the files into `lines`; the summary goes to standard error. Returns how many rows were
// rejected.
absl::StatusOr<int64_t> FoldMapped(const MapFlags& flags, const std::vector<std::string>& files, LineFold& lines);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPED_FOLD_MAPPED_H_
