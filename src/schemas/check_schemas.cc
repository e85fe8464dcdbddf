#include "schemas/check_schemas.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "keyfold/v1/account_event.pb.h"
#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {
namespace {

constexpr char kProtobuf[] = "PROTOBUF";
constexpr char kJson[] = "JSON";

void Compare(const RegisteredSchema& schema, const google::protobuf::Descriptor& message, bool by_index,
             const std::string& name, std::vector<SchemaFinding>& findings) {
  const absl::StatusOr<std::vector<SchemaDifference>> differences = CompareSchema(schema.source, message, by_index);
  if (!differences.ok()) {
    findings.push_back({true, absl::StrCat(name, ": ", differences.status().message())});
    return;
  }
  for (const SchemaDifference& difference : *differences) {
    findings.push_back({difference.fatal, absl::StrCat(name, ": ", difference.what)});
  }
}

absl::Status CheckEvents(const std::string& topic, SchemaRegistry& registry, std::vector<SchemaFinding>& findings) {
  const std::string subject = absl::StrCat(topic, "-value");
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<RegisteredSchema> versions, registry.Versions(subject));
  if (versions.empty()) findings.push_back({false, absl::StrCat(subject, ": nothing is registered under this name")});
  for (const RegisteredSchema& schema : versions) {
    const std::string name = absl::StrCat(subject, ", version ", schema.version, " (id ", schema.id, ")");
    if (schema.type == kProtobuf) {
      Compare(schema, *v1::AccountEvent::descriptor(), /*by_index=*/false, name, findings);
    } else if (schema.type == kJson) {
      findings.push_back({false, absl::StrCat(name, ": it is of JSON, and not compared")});
    } else {
      findings.push_back({true, absl::StrCat(name, ": it is ", schema.type, "; events are Protobuf or JSON")});
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPublished(const char* key, int64_t id, const google::protobuf::Descriptor& message,
                            SchemaRegistry& registry, std::vector<SchemaFinding>& findings) {
  const std::string name = absl::StrCat(key, " ", id);
  const absl::StatusOr<RegisteredSchema> schema = registry.WithId(id);
  if (absl::IsNotFound(schema.status())) {
    findings.push_back({true, absl::StrCat(name, ": there is no such schema")});
    return absl::OkStatus();
  }
  KEYFOLD_RETURN_IF_ERROR(schema.status());
  if (schema->type != kProtobuf) {
    findings.push_back({true, absl::StrCat(name, ": it is ", schema->type, "; what is published is Protobuf")});
    return absl::OkStatus();
  }
  Compare(*schema, message, /*by_index=*/true, name, findings);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SchemaFinding>> CheckSchemas(const Config& config, SchemaRegistry& registry) {
  std::vector<SchemaFinding> findings;
  KEYFOLD_RETURN_IF_ERROR(CheckEvents(config.events_topic, registry, findings));
  for (const InputConfig& input : config.inputs) {
    if (input.mapping.empty()) KEYFOLD_RETURN_IF_ERROR(CheckEvents(input.topic, registry, findings));
  }
  if (config.publish_format == "confluent") {
    KEYFOLD_RETURN_IF_ERROR(CheckPublished("publish.schema_id", config.publish_schema_id, *v1::KpiUpdate::descriptor(),
                                           registry, findings));
    KEYFOLD_RETURN_IF_ERROR(CheckPublished("publish.alert_schema_id", config.publish_alert_schema_id,
                                           *v1::KpiAlert::descriptor(), registry, findings));
  }
  return findings;
}

}  // namespace keyfold
