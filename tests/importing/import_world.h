// A directory with what an import reads: a mapping, rows, and whatever else a test writes.
#ifndef KEYFOLD_TESTS_IMPORTING_IMPORT_WORLD_H_
#define KEYFOLD_TESTS_IMPORTING_IMPORT_WORLD_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "importing/import.h"

namespace keyfold {

class ImportWorld : public ::testing::Test {
 protected:
  // `name` is the directory's, unique among the tests of this program.
  explicit ImportWorld(const std::string& name) : directory_(testing::TempDir() + name + "/") {
    std::filesystem::create_directories(directory_);
    source_.mapping_file = directory_ + "m.yaml";
    source_.files = {directory_ + "rows.csv"};
  }

  void Write(const std::string& name, const std::string& text) const { std::ofstream(directory_ + name) << text; }

  const std::string directory_;
  ImportSource source_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_IMPORTING_IMPORT_WORLD_H_
