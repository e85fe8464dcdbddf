// What is registered for the topics, against what is read and written here.
#ifndef KEYFOLD_SCHEMAS_CHECK_SCHEMAS_H_
#define KEYFOLD_SCHEMAS_CHECK_SCHEMAS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "schemas/schema_registry.h"

namespace keyfold {

struct SchemaFinding {
  bool fatal = false;  // records are read as something else than they say
  std::string what;    // begins with the schema that it is of
};

// All versions under "<topic>-value" of topics that take events as they are, and the schemas by whose ids updates and
// alerts are published in Confluent's wire format. Errors: those of the registry.
absl::StatusOr<std::vector<SchemaFinding>> CheckSchemas(const Config& config, SchemaRegistry& registry);

}  // namespace keyfold

#endif  // KEYFOLD_SCHEMAS_CHECK_SCHEMAS_H_
