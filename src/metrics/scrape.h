// /metrics over HTTP.
#ifndef KEYFOLD_METRICS_SCRAPE_H_
#define KEYFOLD_METRICS_SCRAPE_H_

#include "gateway/http.h"
#include "metrics/metrics.h"

namespace keyfold {

inline constexpr char kMetricsPath[] = "/metrics";

// Answers a request for kMetricsPath. The numbers are no customer's, but tell much of the house: where tokens are asked
// for it takes one with the role metrics or admin (403). Thread-safe.
HttpResponse AnswerScrape(Metrics& metrics, const HttpRequest& request);

}  // namespace keyfold

#endif  // KEYFOLD_METRICS_SCRAPE_H_
