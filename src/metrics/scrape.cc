#include "metrics/scrape.h"

namespace keyfold {

HttpResponse AnswerScrape(Metrics& metrics, const HttpRequest& request) {
  if (request.method != "GET") {
    HttpResponse refused = ErrorResponse(405, "this is read with GET");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (!request.who.Is(Role::kMetrics) && !request.who.Is(Role::kAdmin)) {
    return ErrorResponse(403, "this token may not read metrics: it needs the role metrics");
  }
  return BodyResponse(metrics.Scrape(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace keyfold
