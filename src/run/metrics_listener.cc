#include "run/metrics_listener.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "metrics/scrape.h"

namespace keyfold {
namespace {

constexpr char kLivePath[] = "/health/live";
constexpr char kReadyPath[] = "/health/ready";

HttpResponse AnswerReadiness(const absl::Status& ready) {
  nlohmann::ordered_json json{{"ready", ready.ok()}};
  if (!ready.ok()) json["reason"] = std::string(ready.message());
  HttpResponse response = BodyResponse(json.dump());
  if (!ready.ok()) response.status = 503;
  return response;
}

HttpResponse Answer(Metrics& metrics, const Readiness& readiness, const HttpRequest& request) {
  const std::string& path = request.target.path;
  if (path == kMetricsPath) return AnswerScrape(metrics, request);
  if (path == kLivePath) return BodyResponse(R"({"live":true})");
  if (path == kReadyPath) return AnswerReadiness(readiness.Ask());
  return ErrorResponse(404, absl::StrCat("here are ", kMetricsPath, ", ", kLivePath, " and ", kReadyPath));
}

}  // namespace

absl::Status Readiness::Ask() const {
  const absl::MutexLock lock(&mutex_);
  return judge_ == nullptr ? absl::UnavailableError("it begins, or ends") : judge_();
}

void Readiness::Learn(std::function<absl::Status()> judge) {
  const absl::MutexLock lock(&mutex_);
  judge_ = std::move(judge);
}

absl::StatusOr<std::unique_ptr<HttpServer>> ListenForMetrics(const Config& config, Metrics& metrics,
                                                             const Readiness& readiness) {
  if (config.metrics_listen.empty()) return nullptr;
  GatewayConfig listener = config.gateway;
  listener.listen = config.metrics_listen;
  listener.audit_log.clear();  // of questions, not of scrapes
  listener.threads = 1;
  listener.handler_threads = 1;
  absl::StatusOr<std::unique_ptr<HttpServer>> server = HttpServer::Start(
      listener, [&metrics, &readiness](const HttpRequest& request) { return Answer(metrics, readiness, request); },
      [](const std::string& path) { return path == kLivePath || path == kReadyPath; });
  if (server.ok()) return server;
  const std::string message(server.status().message());
  return absl::Status(server.status().code(),
                      absl::StrCat("metrics.listen: ", absl::StripPrefix(message, "gateway.listen: ")));
}

}  // namespace keyfold
