#include "intake/posted_events.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "event/cloud_event.h"
#include "event/decoder.h"
#include "event/exact_json.h"
#include "event/format.h"
#include "event/limits.h"
#include "event/rejection.h"
#include "event/trace_parent.h"

namespace keyfold {
namespace {

constexpr char kContentType[] = "content-type";
constexpr char kStructured[] = "application/cloudevents+json";
constexpr char kBatch[] = "application/cloudevents-batch+json";
constexpr std::string_view kHttpPrefix = "ce-";  // of the attributes' headers
constexpr char kKafkaPrefix[] = "ce_";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

enum class Shape { kJson, kLines, kRecord, kBatch };

const std::string* FindHeader(const PostedBody& body, const char* name) {
  for (const auto& [header, value] : body.headers) {
    if (absl::EqualsIgnoreCase(header, name)) return &value;
  }
  return nullptr;
}

bool IsBinary(const PostedBody& body) { return FindHeader(body, "ce-specversion") != nullptr; }

std::optional<Shape> ShapeOf(const PostedBody& body) {
  const std::string* const type = FindHeader(body, kContentType);
  const std::string media = type == nullptr ? std::string() : MediaType(*type);
  if (media == kStructured) return Shape::kRecord;
  if (media == kBatch) return Shape::kBatch;
  if (IsBinary(body) || media == "application/protobuf" || media == "application/x-protobuf") return Shape::kRecord;
  if (media == "application/json") return Shape::kJson;
  if (media == "application/x-ndjson") return Shape::kLines;
  return std::nullopt;
}

// "caf%C3%A9" -> "café", as the HTTP binding writes what is not ASCII; what is no escape stays.
std::string Unescaped(std::string_view text) {
  const auto digit = [&](size_t i) {
    const char c = i < text.size() ? absl::ascii_tolower(text[i]) : '?';
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string unescaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && digit(i + 1) >= 0 && digit(i + 2) >= 0;
    unescaped += escape ? static_cast<char>(digit(i + 1) * 16 + digit(i + 2)) : text[i];
    if (escape) i += 2;
  }
  return unescaped;
}

// The headers of the request that a record has, too.
std::vector<RecordHeader> RecordHeaders(const PostedBody& body, bool binary) {
  std::vector<RecordHeader> headers;
  for (const auto& [header, value] : body.headers) {
    const std::string name = absl::AsciiStrToLower(header);
    if (name == kContentType || name == kTraceParentHeader) {
      headers.push_back({name, value});
    } else if (binary && name.starts_with(kHttpPrefix)) {
      headers.push_back({absl::StrCat(kKafkaPrefix, name.substr(kHttpPrefix.size())), Unescaped(value)});
    }
  }
  return headers;
}

// The id that a JSON document has though it is no valid event: whoever has sent it looks for it by that.
std::string EventIdIn(std::string_view json) {
  const std::optional<JsonValue> document = ParseExactJson(json);
  if (!document.has_value()) return "";
  std::string_view id = document->TextOf("event_id");
  if (id.empty()) id = document->TextOf("eventId");
  return id.size() > kIdBytesMax ? std::string() : std::string(id);
}

PostedEvent Judged(int64_t line, const DecodedRecord& decoded, std::string_view bytes) {
  PostedEvent posted;
  posted.line = line;
  if (const auto* const event = std::get_if<ValidEvent>(&decoded)) {
    posted.status = PostedStatus::kValid;
    posted.event_id = (*event)->event_id();
    posted.account_id = (*event)->account_id();
    posted.value = (*event)->SerializeAsString();
    posted.traceparent = event->traceparent();
    return posted;
  }
  const auto* const rejection = std::get_if<Rejection>(&decoded);
  posted.reason = rejection != nullptr ? rejection->message
                                       : "erase_account: not over HTTP, for sent again it would erase what came "
                                         "meanwhile; `keyfold produce` takes it";
  posted.event_id = EventIdIn(bytes);
  return posted;
}

// Reads bodies of all shapes into `events`.
class Reader {
 public:
  Reader(const PostedBody& body, Currency reporting_currency) : body_(body), decoder_(reporting_currency) {
    const std::string* const trace = FindHeader(body, kTraceParentHeader);
    if (trace != nullptr) trace_ = TraceParent(*trace);
  }

  absl::Status Read(Shape shape) {
    switch (shape) {
      case Shape::kRecord:
        return Add(1, RecordHeaders(body_, IsBinary(body_) && !IsStructured()), body_.bytes);
      case Shape::kLines:
        return ReadLines();
      case Shape::kJson: {
        const std::optional<JsonValue> json = ParseExactJson(body_.bytes);
        if (!json.has_value()) return ReadLines();
        if (json->kind != JsonValue::Kind::kList) return AddJson(1, body_.bytes);
        return ReadList(*json, [this](int64_t place, const std::string& element) { return AddJson(place, element); });
      }
      case Shape::kBatch: {
        const std::optional<JsonValue> json = ParseExactJson(body_.bytes);
        if (!json.has_value() || json->kind != JsonValue::Kind::kList) {
          return absl::InvalidArgumentError("not a batch of CloudEvents: it is no list in JSON");
        }
        std::vector<RecordHeader> headers = {{kContentType, kStructured}};
        if (!trace_.empty()) headers.push_back({kTraceParentHeader, trace_});
        return ReadList(*json, [&](int64_t place, const std::string& element) { return Add(place, headers, element); });
      }
    }
    return absl::OkStatus();
  }

  std::vector<PostedEvent> TakeEvents() { return std::move(events_); }

 private:
  bool IsStructured() const {
    const std::string* const type = FindHeader(body_, kContentType);
    return type != nullptr && MediaType(*type) == kStructured;
  }

  template <typename Take>
  absl::Status ReadList(const JsonValue& list, Take take) {
    int64_t place = 0;
    for (const JsonValue& element : list.elements) {
      if (const absl::Status status = take(++place, WriteJson(element)); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status ReadLines() {
    std::string_view rest = body_.bytes;
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    for (int64_t number = 1; !rest.empty(); ++number) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (const absl::Status status = AddJson(number, line); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status AddJson(int64_t line, std::string_view json) {
    PostedEvent posted = Judged(line, decoder_.DecodeJsonLine(json), json);
    posted.traceparent = trace_;
    return Add(std::move(posted));
  }

  absl::Status Add(int64_t line, std::vector<RecordHeader> headers, std::string_view value) {
    Record record;
    record.value = value;
    record.headers = std::move(headers);
    const std::string account = AccountIn(record);
    if (!account.empty()) record.key = account;
    return Add(Judged(line, decoder_.Decode(record), value));
  }

  absl::Status Add(PostedEvent posted) {
    if (events_.size() == kPostedEventsMax) {
      return absl::OutOfRangeError(absl::StrCat("more than ", kPostedEventsMax, " events"));
    }
    events_.push_back(std::move(posted));
    return absl::OkStatus();
  }

  const PostedBody& body_;
  const Decoder decoder_;
  std::string trace_;  // of the request
  std::vector<PostedEvent> events_;
};

}  // namespace

std::string_view NameOf(PostedStatus status) {
  switch (status) {
    case PostedStatus::kValid:
      return "valid";
    case PostedStatus::kAccepted:
      return "accepted";
    case PostedStatus::kRejected:
      return "rejected";
    case PostedStatus::kUnacknowledged:
      return "unacknowledged";
  }
  return "";
}

absl::StatusOr<std::vector<PostedEvent>> ReadPosted(const PostedBody& body, Currency reporting_currency) {
  const std::optional<Shape> shape = ShapeOf(body);
  if (!shape.has_value()) {
    return absl::UnimplementedError(
        "Content-Type: application/json, application/x-ndjson, application/cloudevents+json, "
        "application/cloudevents-batch+json or application/protobuf is expected, or CloudEvents' headers ce-...");
  }
  Reader reader(body, reporting_currency);
  if (absl::Status status = reader.Read(*shape); !status.ok()) return status;
  std::vector<PostedEvent> events = reader.TakeEvents();
  if (body.bytes.empty() || events.empty()) return absl::InvalidArgumentError("there is no event in the body");
  return events;
}

std::string AccountIn(const Record& record) {
  if (record.value->size() > kRecordBytesMax) return "";
  Format format = DetectFormat(record);
  std::string_view bytes = *record.value;
  CloudEvent around;
  if (format == Format::kCloudEvent || format == Format::kCloudEvents) {
    const std::optional<JsonValue> json = ParseExactJson(bytes);
    if (!json.has_value()) return "";
    const bool is_list = json->kind == JsonValue::Kind::kList;
    if (is_list && json->elements.empty()) return "";
    around = StructuredCloudEvent(is_list ? json->elements.front() : *json);
    format = DetectFormat(around.data_type, around.data);
    bytes = around.data;
  }
  v1::AccountEvent event;
  const ParsedBytes parsed = Parse(format, bytes, event);
  return parsed.complaint.empty() ? event.account_id() : std::string();
}

std::vector<RecordHeader> HeadersOf(const PostedEvent& event) {
  std::vector<RecordHeader> headers = {{kContentType, "application/protobuf"}};
  if (!event.traceparent.empty()) headers.push_back({kTraceParentHeader, event.traceparent});
  return headers;
}

}  // namespace keyfold
