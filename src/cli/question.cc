#include "cli/question.h"

#include <iostream>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kpi/groups.h"

namespace keyfold {

absl::Status BeginGroupQuestion(const ProjectionReader& reader) {
  KEYFOLD_RETURN_IF_ERROR(reader.CheckComplete());
  std::cerr << "keyfold: " << reader.Describe() << '\n';
  return absl::OkStatus();
}

absl::StatusOr<uint16_t> FindKpiFlag(const Catalog& catalog, const char* flag, const std::string& id) {
  const std::optional<uint16_t> kpi = catalog.FindKpi(id);
  if (kpi.has_value()) return *kpi;
  // Names of the same family: those that share a word with what was asked for.
  const std::string word = id.substr(0, id.find('_'));
  std::string known;
  for (uint16_t index : catalog.kpis()) {
    const std::string& other = catalog.definitions()[index].id;
    if (!word.empty() && other.find(word) != std::string::npos)
      absl::StrAppend(&known, known.empty() ? "" : ", ", other);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": the catalogue has no KPI '", id, "'", known.empty() ? "" : "; it has ", known));
}

std::string NotFoundText(const ProjectionReader& reader, const std::string& id) {
  return absl::StrCat(
      IsGroupId(id)
          ? absl::StrCat("nobody belongs to the group '", id, "' on any of the days asked for")
          : absl::StrCat("account '", id, "' is in none of the ", reader.shards().size(), " shards on this machine"),
      reader.WhyNotFound());
}

}  // namespace keyfold
