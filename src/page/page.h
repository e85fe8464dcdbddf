// The page that people look at: its files over HTTP. What it shows comes from the API.
//
//   /assets/…         scripts, styles, pictures: their names change with what they hold, so they may be kept for ever
//   all other paths   the page itself, which shows what its path names: but for those of the API, health and metrics
#ifndef KEYFOLD_PAGE_PAGE_H_
#define KEYFOLD_PAGE_PAGE_H_

#include <string>

#include "gateway/http.h"

namespace keyfold {

// Whether the page answers there. It holds no data, so it is for everybody.
bool IsPagePath(const std::string& path);

// Requires IsPagePath(). 404 for an asset that there is not (of another version), 405 for what is no GET. Thread-safe.
HttpResponse AnswerPage(const HttpRequest& request);

}  // namespace keyfold

#endif  // KEYFOLD_PAGE_PAGE_H_
