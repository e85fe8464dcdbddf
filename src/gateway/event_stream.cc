#include "gateway/event_stream.h"

#include "base/check.h"

namespace keyfold {
namespace {

constexpr std::string_view kEndsOfLine = "\r\n";

}  // namespace

void AppendEvent(std::string& out, std::string_view id, std::string_view event, std::string_view data) {
  KEYFOLD_CHECK(id.find_first_of(kEndsOfLine) == std::string_view::npos);
  KEYFOLD_CHECK(event.find_first_of(kEndsOfLine) == std::string_view::npos);
  if (!id.empty()) out.append("id: ").append(id).append("\n");
  if (!event.empty()) out.append("event: ").append(event).append("\n");
  // A carriage return ends a line, too, alone or before a line feed.
  while (true) {
    const size_t end = data.find_first_of(kEndsOfLine);
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + (data.substr(end).starts_with(kEndsOfLine) ? 2 : 1));
  }
  out.push_back('\n');
}

void AppendComment(std::string& out, std::string_view text) {
  KEYFOLD_CHECK(text.find_first_of(kEndsOfLine) == std::string_view::npos);
  out.append(": ").append(text).append("\n\n");
}

}  // namespace keyfold
