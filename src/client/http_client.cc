#include "client/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <iterator>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "client/http_url.h"

namespace keyfold {
namespace {

constexpr size_t kHeaderBytesMax = 64 * 1024;

// How long a CA file that was read is taken for the one that is there.
constexpr long kAuthoritiesSeconds = 60;

void StartOnce() {
  static const bool started = [] {
    std::signal(SIGPIPE, SIG_IGN);  // of connections that the other side has closed
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }();
  KEYFOLD_CHECK(started);
}

template <typename Value>
void Set(CURL* easy, CURLoption option, Value value) {
  KEYFOLD_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

// What arrives of a reply.
struct Arriving {
  HttpReply reply;
  size_t bytes_max;
  bool too_large = false;
  size_t header_bytes = 0;
};

size_t TakeBody(const char* bytes, size_t /*one*/, size_t count, void* arriving) {
  Arriving& to = *static_cast<Arriving*>(arriving);
  to.too_large = count > to.bytes_max - to.reply.body.size();
  if (to.too_large) return 0;
  to.reply.body.append(bytes, count);
  return count;
}

size_t TakeHeader(const char* bytes, size_t /*one*/, size_t count, void* arriving) {
  Arriving& to = *static_cast<Arriving*>(arriving);
  to.header_bytes += count;
  to.too_large = to.header_bytes > kHeaderBytesMax;
  if (to.too_large) return 0;
  HttpReply& reply = to.reply;
  const absl::string_view line(bytes, count);
  if (absl::StartsWith(line, "HTTP/")) reply.headers.clear();  // an answer in between, such as 100, came before
  if (const size_t colon = line.find(':'); colon != absl::string_view::npos) {
    reply.headers.emplace_back(absl::StripAsciiWhitespace(line.substr(0, colon)),
                               absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return count;
}

absl::Status CallError(CURLcode code, const std::string& origin, const char* detail) {
  const std::string message = absl::StrCat(origin, ": ", detail[0] != '\0' ? detail : curl_easy_strerror(code));
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return absl::UnavailableError(message);
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(message);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return absl::FailedPreconditionError(message);
    case CURLE_URL_MALFORMAT:
      return absl::InvalidArgumentError(message);
    default:
      return absl::InternalError(message);
  }
}

// A line of a header for libcurl; one without a value has a semicolon there. nullopt: it would be more than one line.
std::optional<std::string> HeaderLine(const std::string& name, const std::string& value) {
  const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (name.empty() || name.find_first_of(": ;") != std::string::npos || absl::c_any_of(name, breaks) ||
      absl::c_any_of(value, breaks)) {
    return std::nullopt;
  }
  return value.empty() ? absl::StrCat(name, ";") : absl::StrCat(name, ": ", value);
}

bool IsWord(const std::string& text) { return !text.empty() && absl::c_all_of(text, absl::ascii_isalpha); }

}  // namespace

const std::string* HttpReply::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, absl::string_view(name.data(), name.size()))) return &value;
  }
  return nullptr;
}

class HttpClient::Line {
 public:
  Line() : multi_(curl_multi_init()), easy_(curl_easy_init()) { KEYFOLD_CHECK(multi_ != nullptr && easy_ != nullptr); }
  ~Line() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  absl::StatusOr<HttpReply> Run(const HttpCall& call, const HttpClientOptions& options, const std::string& origin,
                                const std::stop_token& stop) {
    Arriving arriving{.reply = {}, .bytes_max = call.reply_bytes_max};
    Prepare(call, options, arriving);
    KEYFOLD_RETURN_IF_ERROR(SetHeaders(call));
    if (!IsWord(call.method)) return absl::InvalidArgumentError("a method is one word");
    KEYFOLD_CHECK(curl_multi_add_handle(multi_, easy_) == CURLM_OK);
    const CURLcode code = Await(stop);
    curl_multi_remove_handle(multi_, easy_);
    if (arriving.too_large) {
      return absl::OutOfRangeError(absl::StrCat(origin, ": its reply is larger than ", call.reply_bytes_max, " bytes"));
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError(absl::StrCat(origin, ": the call was ended"));
    if (code != CURLE_OK) return CallError(code, origin, detail_);
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    arriving.reply.status = static_cast<int>(status);
    return std::move(arriving.reply);
  }

 private:
  void Prepare(const HttpCall& call, const HttpClientOptions& options, Arriving& arriving) {
    curl_easy_reset(easy_);
    detail_[0] = '\0';
    Set(easy_, CURLOPT_ERRORBUFFER, detail_);
    Set(easy_, CURLOPT_NOSIGNAL, 1L);  // there are other threads
    Set(easy_, CURLOPT_URL, call.url.c_str());
    Set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    Set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!call.by_proxy) Set(easy_, CURLOPT_PROXY, "");
    if (!options.ca_file.empty()) {
      Set(easy_, CURLOPT_CAINFO, options.ca_file.c_str());
      Set(easy_, CURLOPT_CAPATH, nullptr);  // these and nobody else
    }
    Set(easy_, CURLOPT_CA_CACHE_TIMEOUT, kAuthoritiesSeconds);
    Set(easy_, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(call.connect_max));
    Set(easy_, CURLOPT_TIMEOUT_MS, Milliseconds(call.whole_max));
    Set(easy_, CURLOPT_WRITEFUNCTION, TakeBody);
    Set(easy_, CURLOPT_WRITEDATA, &arriving);
    Set(easy_, CURLOPT_HEADERFUNCTION, TakeHeader);
    Set(easy_, CURLOPT_HEADERDATA, &arriving);
    if (call.method == "HEAD") Set(easy_, CURLOPT_NOBODY, 1L);
    if (!call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH") {
      Set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
      Set(easy_, CURLOPT_POSTFIELDS, call.body.c_str());
    }
    Set(easy_, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }

  // Waits at least a moment, as none would be for ever.
  static long Milliseconds(absl::Duration wait) {
    return static_cast<long>(std::clamp<int64_t>(absl::ToInt64Milliseconds(wait), 1, 24 * 3'600'000));
  }

  absl::Status SetHeaders(const HttpCall& call) {
    curl_slist_free_all(headers_);
    headers_ = curl_slist_append(nullptr, "Expect:");  // a body is sent at once, not when it is asked for
    for (const auto& [name, value] : call.headers) {
      const std::optional<std::string> line = HeaderLine(name, value);
      if (!line.has_value()) return absl::InvalidArgumentError("a header is not one line, or its name is none");
      headers_ = curl_slist_append(headers_, line->c_str());
    }
    Set(easy_, CURLOPT_HTTPHEADER, headers_);
    return absl::OkStatus();
  }

  // CURLE_ABORTED_BY_CALLBACK: it was stopped.
  CURLcode Await(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
    int running = 1;
    while (!stop.stop_requested()) {
      KEYFOLD_CHECK(curl_multi_perform(multi_, &running) == CURLM_OK);
      if (running == 0) return Result();
      constexpr int kWaitMsMax = 1'000;  // libcurl shortens it to when it wants to be called
      KEYFOLD_CHECK(curl_multi_poll(multi_, nullptr, 0, kWaitMsMax, nullptr) == CURLM_OK);
    }
    return CURLE_ABORTED_BY_CALLBACK;
  }

  CURLcode Result() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    return CURLE_FAILED_INIT;
  }

  CURLM* const multi_;  // its connections outlive a call
  CURL* const easy_;
  curl_slist* headers_ = nullptr;
  char detail_[CURL_ERROR_SIZE] = "";
};

HttpClient::HttpClient(HttpClientOptions options) : options_(std::move(options)) { StartOnce(); }

HttpClient::~HttpClient() = default;

absl::StatusOr<HttpReply> HttpClient::Call(const HttpCall& call, const std::stop_token& stop) {
  KEYFOLD_ASSIGN_OR_RETURN(const HttpUrl url, ParseHttpUrl(call.url));
  std::unique_ptr<Line> line = TakeLine(url.origin);
  absl::StatusOr<HttpReply> reply = line->Run(call, options_, url.origin, stop);
  KeepLine(url.origin, std::move(line));
  return reply;
}

std::unique_ptr<HttpClient::Line> HttpClient::TakeLine(const std::string& origin) {
  {
    const absl::MutexLock lock(&mutex_);
    const auto found =
        std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& idle) { return idle.first == origin; });
    if (found != idle_.rend()) {
      std::unique_ptr<Line> line = std::move(found->second);
      idle_.erase(std::next(found).base());
      return line;
    }
  }
  return std::make_unique<Line>();
}

void HttpClient::KeepLine(const std::string& origin, std::unique_ptr<Line> line) {
  std::unique_ptr<Line> dropped;  // closed without the lock
  const absl::MutexLock lock(&mutex_);
  idle_.emplace_back(origin, std::move(line));
  if (idle_.size() <= options_.idle_lines_max) return;
  dropped = std::move(idle_.front().second);
  idle_.erase(idle_.begin());
}

}  // namespace keyfold
