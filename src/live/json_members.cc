#include "live/json_members.h"

#include <charconv>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace keyfold {

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  for (const char character : text) {
    if (character == '"' || character == '\\') {
      out += '\\';
      out += character;
    } else if (static_cast<unsigned char>(character) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<int>(character));
    } else {
      out += character;
    }
  }
  out += '"';
}

std::string TimestampText(const google::protobuf::Timestamp& timestamp) {
  std::string text =
      absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(timestamp.seconds()), absl::UTCTimeZone());
  if (timestamp.nanos() % 1'000'000 != 0) {
    absl::StrAppendFormat(&text, ".%09d", timestamp.nanos());
  } else if (timestamp.nanos() != 0) {
    absl::StrAppendFormat(&text, ".%03d", timestamp.nanos() / 1'000'000);
  }
  return text + "Z";
}

void MemberWriter::Name(std::string_view name) {
  if (out_.back() != '{') out_ += ',';
  AppendJsonString(name, out_);
  out_ += ':';
}

void MemberWriter::Text(std::string_view name, std::string_view text) {
  Name(name);
  AppendJsonString(text, out_);
}

void MemberWriter::Flag(std::string_view name, bool value) {
  Name(name);
  out_ += value ? "true" : "false";
}

void MemberWriter::Integer64(std::string_view name, int64_t value) {
  Name(name);
  absl::StrAppend(&out_, "\"", value, "\"");
}

void MemberWriter::Integer32(std::string_view name, int32_t value) {
  Name(name);
  absl::StrAppend(&out_, value);
}

void MemberWriter::Number(std::string_view name, double value) {
  Name(name);
  char digits[32];
  const std::to_chars_result end = std::to_chars(std::begin(digits), std::end(digits), value);
  out_.append(digits, end.ptr);
}

void AppendAttributes(const v1::AccountAttributes& attributes, std::string& out) {
  MemberWriter members(out);
  members.Text("name", attributes.name());
  members.Text("segment", attributes.segment());
  members.Text("region", attributes.region());
  members.Text("industry", attributes.industry());
  members.Text("manager_id", attributes.manager_id());
  members.Text("parent_id", attributes.parent_id());
  members.Text("tier", attributes.tier());
  members.Flag("customer", attributes.customer());
  members.Flag("key_account", attributes.key_account());
  members.Close();
}

void AppendGroup(const v1::GroupAttributes& group, std::string& out) {
  MemberWriter members(out);
  members.Text("kind", v1::GroupAttributes::Kind_Name(group.kind()));
  members.Text("label", group.label());
  members.Close();
}

}  // namespace keyfold
