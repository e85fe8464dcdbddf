// Sends what waits for webhooks: a thread for each, so that one that is slow or away delays no other.
#ifndef KEYFOLD_WEBHOOKS_SENDER_H_
#define KEYFOLD_WEBHOOKS_SENDER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/http_client.h"
#include "config/webhook_config.h"
#include "webhooks/deliveries.h"

namespace keyfold {

// The call that delivers a message now. Errors: those of reading the file of secrets.
absl::StatusOr<HttpCall> CallOf(const WebhookConfig& webhook, const NextDelivery& delivery, absl::Time now);

// Why a reply is none that takes the message: its status is not 2xx. OK: it is one.
absl::Status CheckReply(const HttpReply& reply);

// What a receiver says of when to come again (Retry-After, in seconds); zero: nothing.
absl::Duration RetryAfterOf(const HttpReply& reply);

// Thread-safe.
class WebhookSender {
 public:
  // Begins. The deliveries outlive it.
  explicit WebhookSender(Deliveries& deliveries);
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // Ends calls that run: what they carry is sent again next time.
  ~WebhookSender();

  // To be called when more waits than before.
  void Wake();

 private:
  void Run(size_t hook, const std::stop_token& stop);
  // Sends what is next, if it is time to. When to look again.
  absl::StatusOr<absl::Time> SendNext(size_t hook, HttpClient& client, const std::stop_token& stop);
  void Wait(absl::Time until, uint64_t& woken, const std::stop_token& stop);

  Deliveries& deliveries_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t woken_ = 0;                 // how often; under mutex_
  std::vector<std::jthread> threads_;  // end first
};

}  // namespace keyfold

#endif  // KEYFOLD_WEBHOOKS_SENDER_H_
