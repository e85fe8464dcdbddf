// Pages of the latest rows and alerts.
#ifndef KEYFOLD_API_PAGE_H_
#define KEYFOLD_API_PAGE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/question.h"
#include "live/latest_values.h"

namespace keyfold {

// The parameter `limit`: how many rows a page has.
absl::StatusOr<size_t> PageLimit(const ApiQuestion& question);

// The answer with a page: {"accounts":[…],"total":12,"next_cursor":"…"}, for the name "accounts".
HttpResponse PageResponse(const LatestPage& page, std::string_view name);

// Appends the members "accounts":[…],"total":12,"next_cursor":"…".
void AppendPage(const LatestPage& page, std::string_view name, std::string& body);

}  // namespace keyfold

#endif  // KEYFOLD_API_PAGE_H_
