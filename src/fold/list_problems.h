// Why events of a list (event/decoder.h) were rejected, in one rejection: a list is one record, and gets one dead
// letter.
#ifndef KEYFOLD_FOLD_LIST_PROBLEMS_H_
#define KEYFOLD_FOLD_LIST_PROBLEMS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "event/rejection.h"

namespace keyfold {

// Not thread-safe.
class ListProblems {
 public:
  explicit ListProblems(size_t events) : events_(events) {}

  // `index`: of the event in its list, from 0.
  void Add(size_t index, const Rejection& rejection);

  // Of several the code is that of the first; the message names the first few. nullopt: none was rejected.
  std::optional<Rejection> Take();

 private:
  size_t events_;
  size_t rejected_ = 0;
  Rejection all_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_LIST_PROBLEMS_H_
