#include "event/cloud_event.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/utf8.h"
#include "event/format.h"
#include "event/limits.h"
#include "event/rules.h"

namespace keyfold {
namespace {

constexpr char kSpecVersion[] = "1.0";
constexpr char kPrefix[] = "ce_";  // of the attributes' headers

struct Attribute {
  const char* name;
  std::string CloudEvent::*place;  // nullptr: it is not kept
  bool required;
};
constexpr std::array<Attribute, 5> kAttributes = {{{"id", &CloudEvent::id, true},
                                                   {"source", &CloudEvent::source, true},
                                                   {"type", nullptr, true},
                                                   {"time", &CloudEvent::time, false},
                                                   {"traceparent", &CloudEvent::traceparent, false}}};

CloudEvent NoCloudEvent(std::string_view why) {
  CloudEvent none;
  none.complaint = absl::StrCat("not a CloudEvent: ", std::string(why));
  return none;
}

// Takes the attributes that `get` finds by name: a text, empty where there is none.
template <typename Get>
CloudEvent FromAttributes(Get get) {
  if (const std::string version = get("specversion"); version != kSpecVersion) {
    return NoCloudEvent(version.empty() ? "specversion: missing"
                                        : absl::StrCat("specversion: ", Quoted(version), " is not ", kSpecVersion));
  }
  CloudEvent event;
  for (const auto& [name, place, required] : kAttributes) {
    std::string value = get(name);
    if (required && value.empty()) return NoCloudEvent(absl::StrCat(name, ": missing"));
    if (!IsUtf8(value)) return NoCloudEvent(absl::StrCat(name, ": ", Quoted(value), " is not UTF-8"));
    if (place != nullptr) event.*place = std::move(value);
  }
  return event;
}

// Any but that of a CloudEvent: one within another is not read.
bool IsJsonType(const std::string& media_type) {
  if (absl::StartsWith(media_type, "application/cloudevents")) return false;
  return media_type.empty() || media_type == "application/json" || absl::EndsWith(media_type, "/json") ||
         absl::EndsWith(media_type, "+json");
}

// The identity of a CloudEvent is its source and id together.
std::string TakeId(const CloudEvent& around, v1::AccountEvent& event) {
  std::string id = absl::StrCat(around.source, "#", around.id);
  if (id.size() > kIdBytesMax) {
    return absl::StrCat("event_id: missing, and the CloudEvent's source and id, ", Quoted(id), ", are longer than ",
                        kIdBytesMax, " bytes");
  }
  event.set_event_id(std::move(id));
  return "";
}

std::string TakeTime(const CloudEvent& around, v1::AccountEvent& event) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, around.time, &time, nullptr)) {
    return absl::StrCat("occurred_at: missing, and the CloudEvent's time ", Quoted(around.time), " is not ",
                        kTimestampForm);
  }
  const timespec instant = absl::ToTimespec(time);
  event.mutable_occurred_at()->set_seconds(instant.tv_sec);
  event.mutable_occurred_at()->set_nanos(static_cast<int32_t>(instant.tv_nsec));
  return "";
}

}  // namespace

bool IsBinaryCloudEvent(const std::vector<RecordHeader>& headers) {
  return FindHeader(headers, "ce_specversion") != nullptr;
}

CloudEvent BinaryCloudEvent(const std::vector<RecordHeader>& headers) {
  return FromAttributes([&](const char* name) {
    const std::string* const value = FindHeader(headers, absl::StrCat(kPrefix, name).c_str());
    return value == nullptr ? std::string() : *value;
  });
}

CloudEvent StructuredCloudEvent(const JsonValue& json) {
  if (!json.IsObject()) return NoCloudEvent("it is no object");
  CloudEvent event = FromAttributes([&](const char* name) { return std::string(json.TextOf(name)); });
  if (!event.complaint.empty()) return event;
  event.data_type = json.TextOf("datacontenttype");
  const JsonValue* const data = json.Find("data");
  const JsonValue* const base64 = json.Find("data_base64");
  if (data != nullptr && base64 != nullptr) return NoCloudEvent("it has data and data_base64");
  if (base64 != nullptr) {
    if (base64->IsText() && absl::Base64Unescape(base64->text, &event.data)) return event;
    return NoCloudEvent("data_base64: not Base64");
  }
  if (data == nullptr || data->IsNull()) return NoCloudEvent("data: missing");
  const bool is_json = IsJsonType(MediaType(event.data_type));
  event.data = data->IsText() && !is_json ? data->text : WriteJson(*data);
  if (is_json) event.data_type = "application/json";
  return event;
}

std::string TakeFrom(const CloudEvent& around, v1::AccountEvent& event) {
  std::string problem;
  if (event.event_id().empty()) problem = TakeId(around, event);
  if (event.source().empty()) event.set_source(around.source);
  if (problem.empty() && !event.has_occurred_at() && !around.time.empty()) problem = TakeTime(around, event);
  return problem;
}

}  // namespace keyfold
