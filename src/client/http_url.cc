#include "client/http_url.h"

#include <curl/curl.h>

#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

// nullopt: the URL has no such part.
std::optional<std::string> Part(CURLU* url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
  return owned.get();
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace

absl::StatusOr<HttpUrl> ParseHttpUrl(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  const bool is_url = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  const std::string scheme = is_url ? Part(parsed.get(), CURLUPART_SCHEME).value_or("") : "";
  const std::string host = is_url ? Part(parsed.get(), CURLUPART_HOST).value_or("") : "";
  if ((scheme != "http" && scheme != "https") || host.empty()) {
    return absl::InvalidArgumentError("it is no URL such as https://example.com/path");
  }
  if (Part(parsed.get(), CURLUPART_USER).has_value() || Part(parsed.get(), CURLUPART_PASSWORD).has_value()) {
    return absl::InvalidArgumentError("a URL must not have a name or password in it");
  }
  HttpUrl result;
  const std::optional<std::string> port = Part(parsed.get(), CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  result.origin = absl::StrCat(scheme, "://", host, port.has_value() ? ":" : "", port.value_or(""));
  result.is_https = scheme == "https";
  result.is_loopback = IsLoopback(host);
  return result;
}

absl::Status CheckConfidential(const std::string& url) {
  KEYFOLD_ASSIGN_OR_RETURN(const HttpUrl parsed, ParseHttpUrl(url));
  if (parsed.is_https || parsed.is_loopback) return absl::OkStatus();
  return absl::InvalidArgumentError("http would send it in the open: https is wanted, but to this machine itself");
}

}  // namespace keyfold
