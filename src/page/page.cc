#include "page/page.h"

#include <map>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gateway/answer.h"
#include "page/page_file.h"

namespace keyfold {
namespace {

constexpr std::string_view kAssets = "/assets/";

// Only what comes from here, and nothing that stands in the page's own text.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

// A body that many answers share.
struct ServedFile {
  const PageFile* file = nullptr;
  std::shared_ptr<const std::string> body;
  std::shared_ptr<const std::string> gzip;  // nullptr: it gains nothing
};

const std::map<std::string_view, ServedFile>& ServedFiles() {
  static const auto* const files = [] {
    auto* const served = new std::map<std::string_view, ServedFile>();
    for (const PageFile& file : PageFiles()) {
      ServedFile& entry = (*served)[file.path];
      entry.file = &file;
      entry.body = std::make_shared<const std::string>(file.body);
      if (!file.gzip.empty()) entry.gzip = std::make_shared<const std::string>(file.gzip);
    }
    return served;
  }();
  return *files;
}

HttpResponse ResponseOf(const ServedFile& served, const HttpRequest& request) {
  HttpResponse response;
  response.content_type = std::string(served.file->content_type);
  response.body = served.body;
  response.etag = std::string(served.file->hash);
  if (served.gzip != nullptr) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    const std::string* const accepted = request.Header("Accept-Encoding");
    if (accepted != nullptr && AcceptsGzip(*accepted)) {
      response.body = served.gzip;
      response.headers.emplace_back("Content-Encoding", "gzip");
      response.etag += "-packed";  // another body needs another tag
    }
  }
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  // It is asked each time whether the page is still the same; what it names never changes.
  response.headers.emplace_back(
      "Cache-Control", served.file->path.starts_with(kAssets) ? "public, max-age=31536000, immutable" : "no-cache");
  return response;
}

}  // namespace

bool IsPagePath(const std::string& path) {
  for (const std::string_view other : {"/v1", "/health", "/metrics"}) {
    if (path == other || (path.starts_with(other) && path[other.size()] == '/')) return false;
  }
  return true;
}

HttpResponse AnswerPage(const HttpRequest& request) {
  if (request.method != "GET") {
    HttpResponse refused = ErrorResponse(405, "this is read with GET");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  const auto& files = ServedFiles();
  auto found = files.find(request.target.path);
  if (found == files.end() && !request.target.path.starts_with(kAssets)) found = files.find("/");
  if (found == files.end()) {
    return ErrorResponse(404, absl::StrCat("there is no ", request.target.path, " in this version"));
  }
  return ResponseOf(found->second, request);
}

}  // namespace keyfold
