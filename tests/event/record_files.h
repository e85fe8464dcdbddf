// The records of tests/event/records, as official libraries write them.
#ifndef KEYFOLD_TESTS_EVENT_RECORD_FILES_H_
#define KEYFOLD_TESTS_EVENT_RECORD_FILES_H_

#include <absl/strings/escaping.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "keyfold/record.h"

namespace keyfold::testing {

// A record that keeps its own bytes.
struct KeptRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<RecordHeader> headers;

  // Holds as long as this.
  Record View() const {
    Record record;
    if (key.has_value()) record.key = *key;
    if (value.has_value()) record.value = *value;
    record.headers = headers;
    return record;
  }
};

// The records of a file, by their names.
inline std::map<std::string, KeptRecord> ReadRecords(const std::string& file) {
  std::map<std::string, KeptRecord> records;
  std::ifstream lines(std::string(KEYFOLD_TEST_RECORDS) + "/" + file);
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line);
    KeptRecord& record = records[json.at("name")];
    record.key = json.at("key").get<std::string>();
    const nlohmann::json headers = json.value("headers", nlohmann::json::object());
    for (const auto& [name, value] : headers.items()) {
      record.headers.push_back({name, value.get<std::string>()});
    }
    if (json.contains("value")) {
      record.value = json.at("value").get<std::string>();
    } else {
      std::string bytes;
      absl::Base64Unescape(json.at("value_base64").get<std::string>(), &bytes);
      record.value = bytes;
    }
  }
  return records;
}

}  // namespace keyfold::testing

#endif  // KEYFOLD_TESTS_EVENT_RECORD_FILES_H_
