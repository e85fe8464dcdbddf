#include "webhooks/sender.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/http_url.h"
#include "config/text_files.h"
#include "spdlog/spdlog.h"
#include "webhooks/message.h"

namespace keyfold {
namespace {

constexpr absl::Duration kStoreRetry = absl::Seconds(10);
constexpr absl::Duration kWaitMax = absl::Hours(1);

absl::StatusOr<std::vector<std::string>> SecretsOf(const WebhookConfig& webhook) {
  if (webhook.secret_file.empty()) return std::vector<std::string>{webhook.secret};
  KEYFOLD_ASSIGN_OR_RETURN(const std::string text, ReadFile(webhook.secret_file));
  std::vector<std::string> secrets;
  for (const auto& line : absl::StrSplit(text, '\n')) {
    const std::string secret(absl::StripAsciiWhitespace(line));
    if (!secret.empty()) secrets.push_back(secret);
  }
  if (secrets.empty()) return absl::FailedPreconditionError(absl::StrCat(webhook.secret_file, ": no secret is in it"));
  return secrets;
}

double Chance() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

}  // namespace

absl::StatusOr<HttpCall> CallOf(const WebhookConfig& webhook, const NextDelivery& delivery, absl::Time now) {
  KEYFOLD_ASSIGN_OR_RETURN(const HttpUrl url, ParseHttpUrl(webhook.url));
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> secrets, SecretsOf(webhook));
  HttpCall call;
  call.method = "POST";
  call.url = webhook.url;
  call.headers = {{"Content-Type", "application/json"},
                  {"User-Agent", "keyfold"},
                  {"Idempotency-Key", delivery.id},
                  {"Keyfold-Attempt", absl::StrCat(delivery.attempt)},
                  {"Keyfold-Signature", SignatureOf(secrets, absl::ToUnixSeconds(now), delivery.body)}};
  call.body = delivery.body;
  call.whole_max = absl::Milliseconds(webhook.timeout_ms);
  call.by_proxy = !url.is_loopback;
  return call;
}

absl::Status CheckReply(const HttpReply& reply) {
  if (reply.status >= 200 && reply.status < 300) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("it was answered with ", reply.status));
}

absl::Duration RetryAfterOf(const HttpReply& reply) {
  const std::string* const text = reply.Header("Retry-After");
  uint32_t seconds = 0;
  return text != nullptr && absl::SimpleAtoi(*text, &seconds) ? absl::Seconds(seconds) : absl::ZeroDuration();
}

WebhookSender::WebhookSender(Deliveries& deliveries) : deliveries_(deliveries) {
  for (size_t hook = 0; hook < deliveries_.webhooks().size(); ++hook) {
    threads_.emplace_back([this, hook](const std::stop_token& stop) { Run(hook, stop); });
  }
}

WebhookSender::~WebhookSender() {
  for (std::jthread& thread : threads_) thread.request_stop();  // all, before the first one is waited for
}

void WebhookSender::Wake() {
  const std::lock_guard lock(mutex_);
  ++woken_;
  changed_.notify_all();
}

void WebhookSender::Wait(absl::Time until, uint64_t& woken, const std::stop_token& stop) {
  const absl::Duration wait = std::clamp(until - absl::Now(), absl::ZeroDuration(), kWaitMax);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, absl::ToChronoMilliseconds(wait), [&] { return woken_ != woken; });
  woken = woken_;
}

void WebhookSender::Run(size_t hook, const std::stop_token& stop) {
  const WebhookConfig& webhook = deliveries_.webhooks()[hook];
  HttpClient client({.ca_file = webhook.ca_file});
  for (uint64_t woken = 0; !stop.stop_requested();) {
    absl::StatusOr<absl::Time> again_at = SendNext(hook, client, stop);
    if (!again_at.ok()) {
      spdlog::error("webhook {}: {}; trying again", webhook.name, std::string(again_at.status().message()));
      again_at = absl::Now() + kStoreRetry;
    }
    Wait(*again_at, woken, stop);
  }
}

absl::StatusOr<absl::Time> WebhookSender::SendNext(size_t hook, HttpClient& client, const std::stop_token& stop) {
  const WebhookConfig& webhook = deliveries_.webhooks()[hook];
  KEYFOLD_ASSIGN_OR_RETURN(const NextDelivery next, deliveries_.Next(hook, absl::Now()));
  if (!next.sequence.has_value()) return next.again_at;
  absl::Duration retry_after;
  const auto send = [&]() -> absl::Status {
    KEYFOLD_ASSIGN_OR_RETURN(const HttpCall call, CallOf(webhook, next, absl::Now()));
    KEYFOLD_ASSIGN_OR_RETURN(const HttpReply reply, client.Call(call, stop));
    retry_after = RetryAfterOf(reply);
    return CheckReply(reply);
  };
  const absl::Status sent = send();
  if (stop.stop_requested() && !sent.ok()) return absl::InfiniteFuture();  // nobody has refused it
  if (sent.ok()) {
    KEYFOLD_RETURN_IF_ERROR(deliveries_.Delivered(hook, *next.sequence, absl::Now()));
  } else {
    const std::string error(sent.message());
    spdlog::warn("webhook {}: attempt {} of {} failed: {}", webhook.name, next.attempt, next.id, error);
    KEYFOLD_RETURN_IF_ERROR(deliveries_.Failed(hook, *next.sequence, error, retry_after, Chance(), absl::Now()));
  }
  return absl::Now();  // what is next may be due
}

}  // namespace keyfold
