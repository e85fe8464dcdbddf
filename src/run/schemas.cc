#include "run/schemas.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/transient.h"
#include "schemas/check_schemas.h"
#include "schemas/schema_registry.h"
#include "spdlog/spdlog.h"

namespace keyfold {

absl::Status CheckRegisteredSchemas(const Config& config) {
  if (config.schema_registry.url.empty()) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<SchemaRegistry> registry, OpenSchemaRegistry(config.schema_registry));
  const absl::StatusOr<std::vector<SchemaFinding>> findings = CheckSchemas(config, *registry);
  if (IsTransient(findings.status())) {
    spdlog::warn("{}; going on without", std::string(findings.status().message()));
    return absl::OkStatus();
  }
  KEYFOLD_RETURN_IF_ERROR(findings.status());
  std::string wrong;
  for (const SchemaFinding& finding : *findings) {
    if (!finding.fatal) spdlog::warn("schema {}", finding.what);
    if (finding.fatal) absl::StrAppend(&wrong, wrong.empty() ? "" : "; ", finding.what);
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the schema registry has something else than the contract: ", wrong,
                   ". A version that nothing was written with can be deleted there; keyfold topics shows all"));
}

}  // namespace keyfold
