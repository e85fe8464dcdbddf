// Early return on a failed status.
#ifndef KEYFOLD_BASE_STATUS_MACROS_H_
#define KEYFOLD_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define KEYFOLD_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status keyfold_status = (expression); !keyfold_status.ok()) { \
      return keyfold_status;                                                \
    }                                                                       \
  } while (false)

#define KEYFOLD_CONCAT_INNER(a, b) a##b
#define KEYFOLD_CONCAT(a, b) KEYFOLD_CONCAT_INNER(a, b)

// KEYFOLD_ASSIGN_OR_RETURN(auto value, Compute());
#define KEYFOLD_ASSIGN_OR_RETURN(declaration, expression) \
  KEYFOLD_ASSIGN_OR_RETURN_INNER(KEYFOLD_CONCAT(keyfold_statusor_, __LINE__), declaration, expression)

#define KEYFOLD_ASSIGN_OR_RETURN_INNER(statusor, declaration, expression) \
  auto statusor = (expression);                                           \
  if (!statusor.ok()) return std::move(statusor).status();                \
  declaration = *std::move(statusor)

#endif  // KEYFOLD_BASE_STATUS_MACROS_H_
