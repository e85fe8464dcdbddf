#include "gateway/http.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace keyfold {
namespace {

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(digit));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Whether it may stand in names, logs and answers.
bool IsCleanText(const std::string& text) {
  return IsUtf8(text) &&
         absl::c_none_of(text, [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

// What stands between separators, one after the other.
std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; end != std::string_view::npos; text.remove_prefix(end == std::string_view::npos ? 0 : end + 1)) {
    end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
  }
  return parts;
}

absl::StatusOr<std::string> Decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return absl::InvalidArgumentError("a wrong escape in the target");
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      decoded.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
    }
  }
  if (!IsCleanText(decoded)) return absl::InvalidArgumentError("the target holds what is no text");
  return decoded;
}

// Whether it would lead out of where it stands, however it is joined to something.
bool Climbs(std::string_view segment) {
  return absl::c_any_of(Split(segment, "/\\"), [](std::string_view part) { return part == ".." || part == "."; });
}

absl::Status ParsePath(std::string_view text, HttpTarget& target) {
  if (!text.starts_with('/')) return absl::InvalidArgumentError("the target does not begin with a /");
  for (const std::string_view part : Split(text.substr(1), "/")) {
    KEYFOLD_ASSIGN_OR_RETURN(std::string segment, Decode(part, /*plus_is_blank=*/false));
    if (Climbs(segment)) return absl::InvalidArgumentError("the path climbs");
    absl::StrAppend(&target.path, "/", segment);
    target.segments.push_back(std::move(segment));
  }
  return absl::OkStatus();
}

absl::Status ParseQuery(std::string_view text, HttpTarget& target) {
  for (const std::string_view part : Split(text, "&")) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    KEYFOLD_ASSIGN_OR_RETURN(std::string name, Decode(part.substr(0, equals), /*plus_is_blank=*/true));
    const std::string_view raw = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    KEYFOLD_ASSIGN_OR_RETURN(std::string value, Decode(raw, /*plus_is_blank=*/true));
    target.query.emplace_back(std::move(name), std::move(value));
  }
  return absl::OkStatus();
}

// Everything but what no address gives a meaning to.
void AppendEscaped(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
}

}  // namespace

bool SameName(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()), absl::string_view(b.data(), b.size()));
}

const std::string* FindField(const HttpFields& fields, std::string_view name) {
  for (const auto& [field, value] : fields) {
    if (SameName(field, name)) return &value;
  }
  return nullptr;
}

const std::string* HttpRequest::Header(std::string_view name) const { return FindField(headers, name); }

const std::string* HttpTarget::Query(std::string_view name) const {
  const auto found =
      std::find_if(query.begin(), query.end(), [name](const auto& field) { return field.first == name; });
  return found == query.end() ? nullptr : &found->second;
}

absl::StatusOr<HttpTarget> ParseTarget(std::string_view text) {
  // What is sent to a proxy names the host, too.
  if (SameName(text.substr(0, 7), "http://") || SameName(text.substr(0, 8), "https://")) {
    const size_t authority = text.find("//") + 2;
    const size_t path = text.find_first_of("/?", authority);
    text = path == std::string_view::npos ? "/" : text.substr(path);
  }
  HttpTarget target;
  text = text.substr(0, text.find('#'));
  const size_t question = text.find('?');
  KEYFOLD_RETURN_IF_ERROR(ParsePath(text.substr(0, question), target));
  if (question != std::string_view::npos) KEYFOLD_RETURN_IF_ERROR(ParseQuery(text.substr(question + 1), target));
  return target;
}

std::string FormatTarget(const HttpTarget& target) {
  std::string text;
  for (const std::string& segment : target.segments) {
    text += '/';
    AppendEscaped(segment, text);
  }
  if (target.segments.empty()) text = "/";
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    text += std::exchange(separator, '&');
    AppendEscaped(name, text);
    text += '=';
    AppendEscaped(value, text);
  }
  return text;
}

HttpResponse BodyResponse(std::string body, std::string content_type) {
  HttpResponse response;
  response.content_type = std::move(content_type);
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

HttpResponse StreamResponse(std::unique_ptr<EventSource> stream) {
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.stream = std::move(stream);
  return response;
}

HttpResponse ErrorResponse(int status, std::string_view message) {
  const nlohmann::ordered_json json = {{"status", status}, {"error", message}};
  HttpResponse response =
      BodyResponse(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  response.status = status;
  return response;
}

std::string_view ReasonPhrase(int status) {
  static constexpr std::pair<int, std::string_view> kPhrases[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {207, "Multi-Status"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const auto& [known, phrase] : kPhrases) {
    if (known == status) return phrase;
  }
  return status < 400 ? "OK" : "Error";
}

}  // namespace keyfold
