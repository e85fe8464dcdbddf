#include "api/page.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "live/json_members.h"

namespace keyfold {
namespace {

constexpr int64_t kRowsMax = 1000;
constexpr int64_t kRowsByDefault = 50;

}  // namespace

absl::StatusOr<size_t> PageLimit(const ApiQuestion& question) {
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t limit, question.Number("limit", kRowsByDefault, kRowsMax));
  return static_cast<size_t>(limit);
}

void AppendPage(const LatestPage& page, std::string_view name, std::string& body) {
  absl::StrAppend(&body, "\"", std::string(name), "\":[");
  for (size_t i = 0; i < page.rows.size(); ++i) absl::StrAppend(&body, i == 0 ? "" : ",", *page.rows[i]);
  body += ']';
  if (page.total.has_value()) absl::StrAppend(&body, ",\"total\":", *page.total);
  if (page.next_cursor.empty()) return;
  body += ",\"next_cursor\":";
  AppendJsonString(page.next_cursor, body);
}

HttpResponse PageResponse(const LatestPage& page, std::string_view name) {
  std::string body = "{";
  AppendPage(page, name, body);
  body += '}';
  return BodyResponse(std::move(body));
}

}  // namespace keyfold
