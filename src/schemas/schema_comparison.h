// Whether a message as others know it is ours.
#ifndef KEYFOLD_SCHEMAS_SCHEMA_COMPARISON_H_
#define KEYFOLD_SCHEMAS_SCHEMA_COMPARISON_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace keyfold {

// A .proto file, and those that it imports, by the names that it imports them by. Protobuf's own need not be there.
struct ProtoSource {
  std::string text;
  std::vector<std::pair<std::string, std::string>> imports = {};
};

struct SchemaDifference {
  bool fatal = false;  // what is written with the one is read as something else with the other
  std::string what;
};

// How the message of that name differs in a source: a field's number with another name, type or repetition, a value of
// an enum with another name (fatal); fields and values that are not known here, which are left out or rejected. What
// the source has not got is no difference. `by_index`: it must have the same place among the messages of its file,
// which is what Confluent's wire format names it by. InvalidArgument: it is no source, or has no such message.
absl::StatusOr<std::vector<SchemaDifference>> CompareSchema(const ProtoSource& source,
                                                            const google::protobuf::Descriptor& message,
                                                            bool by_index = false);

}  // namespace keyfold

#endif  // KEYFOLD_SCHEMAS_SCHEMA_COMPARISON_H_
