#include "feed/lookups.h"

#include <filesystem>

#include "base/status_macros.h"
#include "exports/lookup_file.h"
#include "spdlog/spdlog.h"

namespace keyfold {

absl::StatusOr<std::unique_ptr<Lookups>> Lookups::Open(const Mapping& mapping, const std::string& mapping_file,
                                                       LookupReading reading) {
  const std::filesystem::path beside = std::filesystem::path(mapping_file).parent_path();
  std::unique_ptr<Lookups> lookups(new Lookups(std::move(reading)));
  lookups->tables_.resize(mapping.lookups().size());
  for (size_t i = 0; i < mapping.lookups().size(); ++i) {
    const LookupSource& source = mapping.lookups()[i];
    LookupTable& table = lookups->tables_[i];
    if (!source.topic.empty()) {
      lookups->topics_.emplace_back(LookupRows(mapping, source, table), lookups->reading_);
      continue;
    }
    MappingNotes notes;
    const std::string file = (beside / source.file).string();
    KEYFOLD_ASSIGN_OR_RETURN(table, ReadLookupFile(mapping, i, {file, mapping_file}, notes));
    const std::string& input = lookups->reading_.input;
    spdlog::info("feed {}: the lookup {} ({}) has {} rows", input, source.name, file, table.size());
    for (const auto& [note, count] : notes) spdlog::warn("feed {}: {}: {} rows", input, note, count);
  }
  return lookups;
}

absl::Status Lookups::Load() {
  for (LookupTopic& topic : topics_) KEYFOLD_RETURN_IF_ERROR(topic.Load());
  return absl::OkStatus();
}

absl::Status Lookups::CatchUp() {
  for (LookupTopic& topic : topics_) KEYFOLD_RETURN_IF_ERROR(topic.CatchUp());
  return absl::OkStatus();
}

absl::Status Lookups::Follow() {
  for (LookupTopic& topic : topics_) KEYFOLD_RETURN_IF_ERROR(topic.Follow());
  return absl::OkStatus();
}

}  // namespace keyfold
