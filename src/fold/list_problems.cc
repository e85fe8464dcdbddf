#include "fold/list_problems.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "event/limits.h"

namespace keyfold {

void ListProblems::Add(size_t index, const Rejection& rejection) {
  if (rejected_ == 0) all_.code = rejection.code;
  if (++rejected_ > kBatchProblemsMax) return;
  absl::StrAppend(&all_.message, rejected_ == 1 ? "" : "; ", "event ", index + 1, ": ",
                  rejection.code == all_.code ? "" : absl::StrCat(std::string(RejectionCodeName(rejection.code)), ", "),
                  rejection.message);
}

std::optional<Rejection> ListProblems::Take() {
  if (rejected_ == 0) return std::nullopt;
  absl::StrAppend(&all_.message, rejected_ > kBatchProblemsMax ? "; …" : "", " (", rejected_, " of ", events_,
                  " events; the others were folded)");
  return std::move(all_);
}

}  // namespace keyfold
