// JSON of published records, as proto3 JSON has it with the field names of the .proto files. Written by hand: a list of
// thousands of rows is made of it, and Protobuf's own takes ten times as long.
#ifndef KEYFOLD_LIVE_JSON_MEMBERS_H_
#define KEYFOLD_LIVE_JSON_MEMBERS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "google/protobuf/timestamp.pb.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {

// Appends the text as a JSON string. REQUIRES: it is UTF-8.
void AppendJsonString(std::string_view text, std::string& out);

// "2026-01-05T09:30:00.050Z"
std::string TimestampText(const google::protobuf::Timestamp& timestamp);

// Appends an object's members: each with its name, and a comma before all but the first.
class MemberWriter {
 public:
  explicit MemberWriter(std::string& out) : out_(out) { out_ += '{'; }

  // What is appended next is the value.
  void Name(std::string_view name);

  void Text(std::string_view name, std::string_view text);
  void Flag(std::string_view name, bool value);
  // In quotes: a double does not hold all of them.
  void Integer64(std::string_view name, int64_t value);
  void Integer32(std::string_view name, int32_t value);
  // The shortest digits that are read as the same value. REQUIRES: it is finite.
  void Number(std::string_view name, double value);

  void Close() { out_ += '}'; }

 private:
  std::string& out_;
};

// Append them as objects.
void AppendAttributes(const v1::AccountAttributes& attributes, std::string& out);
void AppendGroup(const v1::GroupAttributes& group, std::string& out);

// Appends the members that updates and alerts end with: when the causing record was written, and whom it is of.
template <typename Record>
void AppendOrigin(const Record& record, MemberWriter& members, std::string& out) {
  if (record.has_recorded_at()) members.Text("recorded_at", TimestampText(record.recorded_at()));
  if (record.has_attributes()) {
    members.Name("attributes");
    AppendAttributes(record.attributes(), out);
  }
  if (record.has_group()) {
    members.Name("group");
    AppendGroup(record.group(), out);
  }
}

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_JSON_MEMBERS_H_
