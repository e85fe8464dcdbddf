// The flags of verbs that take exports by a mapping.
#ifndef KEYFOLD_MAPPED_MAP_FLAGS_H_
#define KEYFOLD_MAPPED_MAP_FLAGS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "importing/import.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace keyfold {

struct MapFlags {
  std::string mapping;
  std::vector<std::string> lookups;  // NAME=FILE
  std::string rejected_file;
  std::string events_file;     // of `validate`: where the events are written as JSON lines; empty: nowhere
  std::string sent_directory;  // of `produce`; empty: where the configuration says

  // Returns the option --map, for what it excludes and what needs it.
  CLI::Option* AddTo(CLI::App& verb);

  bool given() const { return !mapping.empty(); }
};

// Reads the mapping and the lookups of `files`. Errors: those of Import::Create().
absl::StatusOr<std::unique_ptr<Import>> OpenImport(const MapFlags& flags, const std::vector<std::string>& files);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPED_MAP_FLAGS_H_
