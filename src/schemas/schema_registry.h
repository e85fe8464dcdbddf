// A schema registry with the API of Confluent's, which others have, too (Karapace, Apicurio, Redpanda).
#ifndef KEYFOLD_SCHEMAS_SCHEMA_REGISTRY_H_
#define KEYFOLD_SCHEMAS_SCHEMA_REGISTRY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/schema_registry_config.h"
#include "schemas/schema_comparison.h"

namespace keyfold {

struct RegisteredSchema {
  int64_t id = 0;
  int version = 0;   // in its subject; 0: it was asked for by its id
  std::string type;  // "PROTOBUF", "JSON", "AVRO"
  ProtoSource source;
};

// A port. Errors: transient ones (base/transient.h) where it cannot be asked now; PermissionDenied; Internal where what
// it answers is no such thing. Messages name the registry.
class SchemaRegistry {
 public:
  virtual ~SchemaRegistry() = default;

  // All versions of a subject; none: there is no such subject.
  virtual absl::StatusOr<std::vector<RegisteredSchema>> Versions(const std::string& subject) = 0;

  // NotFound: there is none.
  virtual absl::StatusOr<RegisteredSchema> WithId(int64_t id) = 0;
};

// By HTTP. Errors of opening: the file with the password cannot be read.
absl::StatusOr<std::unique_ptr<SchemaRegistry>> OpenSchemaRegistry(const SchemaRegistryConfig& config);

}  // namespace keyfold

#endif  // KEYFOLD_SCHEMAS_SCHEMA_REGISTRY_H_
