#include "gateway/answer.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "gateway/admission.h"
#include "rights/digest.h"

namespace keyfold {
namespace {

constexpr size_t kGzipBytesMin = 1'024;
constexpr std::string_view kGzipMark = "-gzip";  // a body that is packed is another one, and needs another tag

std::string Tag(const HttpResponse& response) {
  constexpr size_t kTagDigits = 32;
  return response.etag.empty() ? Sha256Hex(*response.body).substr(0, kTagDigits) : response.etag;
}

// The next element of a list that commas separate, without blanks around it.
std::string_view NextElement(std::string_view& list) {
  const size_t end = list.find(',');
  std::string_view element = list.substr(0, end);
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  while (element.starts_with(' ')) element.remove_prefix(1);
  while (element.ends_with(' ')) element.remove_suffix(1);
  return element;
}

// Whether the client has the body, packed or not.
bool HasBody(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    std::string_view element = NextElement(if_none_match);
    if (element == "*") return true;
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element.size() < 2 || !element.starts_with('"') || !element.ends_with('"')) continue;
    element = element.substr(1, element.size() - 2);
    if (element.ends_with(kGzipMark)) element.remove_suffix(kGzipMark.size());
    if (element == tag) return true;
  }
  return false;
}

bool IsPackable(std::string_view content_type) {
  return content_type.starts_with("text/") || content_type.starts_with("application/json") ||
         content_type.starts_with("application/javascript") || content_type.starts_with("application/geo+json") ||
         content_type.starts_with("application/x-ndjson") || content_type.starts_with("image/svg");
}

// A header's value ends with its line: what a handler took from a request must not begin another one.
void AppendField(std::string& head, std::string_view name, std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }, ' ');
  head.append(name).append(": ").append(value).append("\r\n");
}

void AddUnlessThere(HttpFields& headers, const char* name, std::string value) {
  if (FindField(headers, name) == nullptr) headers.emplace_back(name, std::move(value));
}

void AddCors(const HttpRequest& request, std::string_view origins, HttpFields& headers, std::string& vary) {
  if (origins.empty()) return;
  vary += vary.empty() ? "Origin" : ", Origin";
  const std::string* const origin = request.Header("Origin");
  if (origin == nullptr || !IsListedOrigin(origins, *origin)) {
    std::erase_if(headers, [](const auto& field) { return field.first.starts_with("Access-Control-"); });
    return;
  }
  headers.emplace_back("Access-Control-Allow-Origin", *origin);
  headers.emplace_back("Access-Control-Expose-Headers", "ETag, Retry-After");
}

// Replaces the body by nothing (304) or by its packed form where the request allows that.
void Condense(const HttpRequest& request, HttpResponse& response, std::string& vary) {
  std::string tag = Tag(response);
  const std::string* const accepted = request.Header("Accept-Encoding");
  const bool packable = response.body->size() > kGzipBytesMin && IsPackable(response.content_type) &&
                        FindField(response.headers, "Content-Encoding") == nullptr;
  const bool packed = packable && accepted != nullptr && AcceptsGzip(*accepted);
  if (packable) vary = "Accept-Encoding";
  response.headers.emplace_back("ETag", absl::StrCat("\"", tag, packed ? "-gzip" : "", "\""));
  const std::string* const known = request.Header("If-None-Match");
  if (request.method == "GET" && known != nullptr && HasBody(*known, tag)) {
    response.status = 304;
    response.body = nullptr;
  } else if (packed) {
    response.body = std::make_shared<const std::string>(Gzip(*response.body));
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
}

void AddLength(const AnswerContext& context, const HttpResponse& response, std::string& head) {
  if (response.stream != nullptr) {
    if (!context.is_1_0) AppendField(head, "Transfer-Encoding", "chunked");
  } else if (response.status != 204 && response.status != 304) {
    AppendField(head, "Content-Length", absl::StrCat(response.body == nullptr ? 0 : response.body->size()));
  }
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    std::string_view element = NextElement(accept_encoding);
    const size_t semicolon = element.find(';');
    std::string_view name = element.substr(0, semicolon);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!SameName(name, "gzip") && name != "*") continue;
    // q=0 says no, in up to three digits.
    const size_t q = semicolon == std::string_view::npos ? semicolon : element.find("q=", semicolon);
    if (q == std::string_view::npos) return true;
    return element.substr(q + 2).find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

std::string Gzip(std::string_view bytes) {
  constexpr int kLevel = 5;
  constexpr int kGzipHeader = 16;  // added to the window's bits
  constexpr int kMemory = 8;
  z_stream stream{};
  KEYFOLD_CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, MAX_WBITS + kGzipHeader, kMemory, Z_DEFAULT_STRATEGY) ==
                Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // only read
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  KEYFOLD_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

Answer MakeAnswer(const HttpRequest& request, HttpResponse response, const AnswerContext& context) {
  std::string vary;
  if (response.stream != nullptr) {
    AddUnlessThere(response.headers, "Cache-Control", "no-store");
    AddUnlessThere(response.headers, "X-Accel-Buffering", "no");  // proxies pass on what has come at once
  } else if (response.status == 200 && response.body != nullptr) {
    Condense(request, response, vary);
  }
  AddUnlessThere(response.headers, "Cache-Control", response.status < 400 ? "private, no-cache" : "no-store");
  AddUnlessThere(response.headers, "X-Content-Type-Options", "nosniff");
  AddUnlessThere(response.headers, "Referrer-Policy", "no-referrer");
  AddUnlessThere(response.headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  AddCors(request, context.cors_origins, response.headers, vary);
  if (!vary.empty()) AddUnlessThere(response.headers, "Vary", vary);

  Answer answer;
  answer.status = response.status;
  answer.head.append("HTTP/1.1 ").append(absl::StrCat(response.status, " "));
  answer.head.append(ReasonPhrase(response.status)).append("\r\n");
  const bool has_type = response.stream != nullptr || (response.body != nullptr && !response.body->empty());
  if (has_type) AppendField(answer.head, "Content-Type", response.content_type);
  AddLength(context, response, answer.head);
  for (auto& [name, value] : response.headers) AppendField(answer.head, name, std::move(value));
  // A stream's connection is of no further use.
  const bool keep_alive = context.keep_alive && response.stream == nullptr;
  if (!keep_alive) AppendField(answer.head, "Connection", "close");
  if (keep_alive && context.is_1_0) AppendField(answer.head, "Connection", "keep-alive");
  answer.head.append("\r\n");
  if (!context.is_head) {
    answer.body = std::move(response.body);
    answer.stream = std::move(response.stream);
  }
  return answer;
}

}  // namespace keyfold
