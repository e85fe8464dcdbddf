// Whatever bytes a change record is made of, there is an answer; the rows of a change are JSON objects, and read alone
// they are themselves. What stands before the first zero byte is the key.
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/change_record.h"
#include "event/exact_json.h"
#include "event/record_files.h"
#include "fuzz/fuzz_target.h"

namespace keyfold {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckObject(const std::string& json) {
  const std::optional<JsonValue> parsed = ParseExactJson(json);
  Require(parsed.has_value() && parsed->IsObject() && WriteJson(*parsed) == json);
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds;
  for (const auto& [name, record] : testing::ReadRecords("debezium.jsonl")) {
    // Each byte of a seed is changed in turn: the whole schema of all of them would take minutes.
    if (name.ends_with(" without schema") || name == "row") seeds.push_back(*record.key + '\0' + *record.value);
  }
  return seeds;
}

void TryBytes(std::string_view bytes) {
  Record record;
  const size_t zero = bytes.find('\0');
  if (zero != std::string_view::npos) {
    record.key = bytes.substr(0, zero);
    bytes.remove_prefix(zero + 1);
  }
  record.value = bytes;
  const std::variant<std::string, Rejection> key = DecodeKey(record.key.value_or(bytes));
  if (const auto* const rejection = std::get_if<Rejection>(&key)) Require(!rejection->message.empty());
  const DecodedChange decoded = DecodeChange(record);
  if (const auto* const rejection = std::get_if<Rejection>(&decoded)) return Require(!rejection->message.empty());
  const auto* const change = std::get_if<RowChange>(&decoded);
  if (change == nullptr) return;
  Require(change->before.has_value() || change->after.has_value() || change->op == RowChange::Op::kDeleted);
  if (change->before.has_value()) CheckObject(*change->before);
  if (change->after.has_value()) CheckObject(*change->after);
  if (!change->key.empty()) CheckObject(change->key);
  if (!change->source.empty()) CheckObject(change->source);
}

}  // namespace keyfold
