#include "mapped/map_flags.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"

namespace keyfold {

CLI::Option* MapFlags::AddTo(CLI::App& verb) {
  CLI::Option* const map =
      verb.add_option("--map", mapping,
                      "FILE is an export (CSV or JSON; .gz, .zip): this mapping says what it means, docs/mappings.md");
  verb.add_option("--lookup", lookups, "NAME=FILE: where a lookup of the mapping is, if not beside FILE")->needs(map);
  verb.add_option("--rejected", rejected_file, "Write the rows that are rejected, and why, to this file: JSON lines")
      ->needs(map);
  return map;
}

absl::StatusOr<std::unique_ptr<Import>> OpenImport(const MapFlags& flags, const std::vector<std::string>& files) {
  ImportSource source;
  source.mapping_file = flags.mapping;
  source.files = files;
  source.rejected_file = flags.rejected_file;
  for (const std::string& lookup : flags.lookups) {
    const size_t equals = lookup.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("--lookup ", lookup, ": NAME=FILE is expected"));
    }
    source.lookup_files[lookup.substr(0, equals)] = lookup.substr(equals + 1);
  }
  return Import::Create(std::move(source));
}

}  // namespace keyfold
