// The schema registry, asked when a process starts.
#ifndef KEYFOLD_RUN_SCHEMAS_H_
#define KEYFOLD_RUN_SCHEMAS_H_

#include "absl/status/status.h"
#include "config/config.h"

namespace keyfold {

// Logs what is doubtful, also that the registry cannot be asked now: records are read by the contract all the same.
// FailedPrecondition: what is registered is something else than what is read or written here; names it.
// PermissionDenied, NotFound: the registry or its password's file do not let themselves be read. OK without a registry.
absl::Status CheckRegisteredSchemas(const Config& config);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_SCHEMAS_H_
