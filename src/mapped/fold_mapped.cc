#include "mapped/fold_mapped.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "lines/line_files.h"

namespace keyfold {

absl::StatusOr<int64_t> FoldMapped(const MapFlags& flags, const std::vector<std::string>& files, LineFold& lines) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<Import> import, OpenImport(flags, files));
  std::ofstream file;
  std::ostream& events_out = flags.events_file == "-" ? std::cout : file;
  if (!flags.events_file.empty() && flags.events_file != "-") {
    KEYFOLD_RETURN_IF_ERROR(CreateFile("--events", flags.events_file, files, file));
  }
  KEYFOLD_RETURN_IF_ERROR(import->Read());
  int64_t number = 0;
  KEYFOLD_RETURN_IF_ERROR(
      import->ForEachUnit([&](Mapping::Section /*section*/, std::string_view /*key*/, const MappedUnit& unit) {
        for (const v1::AccountEvent& event : unit.events) {
          if (!flags.events_file.empty()) events_out << EventAsJson(event) << '\n';
          KEYFOLD_RETURN_IF_ERROR(lines.Add(event, ++number));
        }
        return absl::OkStatus();
      }));
  KEYFOLD_RETURN_IF_ERROR(lines.Flush());
  if (!flags.events_file.empty() && !events_out.flush()) {
    return absl::DataLossError(absl::StrCat("writing ", flags.events_file, " failed"));
  }
  import->PrintSummary(std::cerr);
  return import->summary().rejected_rows();
}

}  // namespace keyfold
