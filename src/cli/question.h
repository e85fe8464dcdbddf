// What verbs share that ask a projection.
#ifndef KEYFOLD_CLI_QUESTION_H_
#define KEYFOLD_CLI_QUESTION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "kpi/catalog.h"

namespace keyfold {

// Before a question about a group: says on standard error which shards take part. FailedPrecondition: some are missing.
absl::Status BeginGroupQuestion(const ProjectionReader& reader);

// The KPI that a flag names. InvalidArgument names the flag and some that the catalogue has.
absl::StatusOr<uint16_t> FindKpiFlag(const Catalog& catalog, const char* flag, const std::string& id);

// Why a question about this account or group has no answer: nobody has it.
std::string NotFoundText(const ProjectionReader& reader, const std::string& id);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_QUESTION_H_
