// Webhooks of a gateway: alerts from their topic into what is to be sent, and from there to the receivers.
#ifndef KEYFOLD_SERVE_WEBHOOK_SERVICE_H_
#define KEYFOLD_SERVE_WEBHOOK_SERVICE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/config.h"
#include "kafka/connection.h"
#include "kpi/catalog.h"
#include "store/rocks_store.h"
#include "webhooks/deliveries.h"
#include "webhooks/sender.h"

namespace keyfold {

// Thread-safe.
class WebhookService {
 public:
  // Begins, with the webhooks of the configuration; where there are none, it does nothing. What goes wrong later on is
  // said in the log and tried again. InvalidArgument: a webhook's URL would send in the open, or it asks for an alert
  // that the catalogue does not have. Others: its store cannot be opened.
  static absl::StatusOr<std::unique_ptr<WebhookService>> Start(const Config& config, const Catalog& catalog,
                                                               const KafkaConnection& connection,
                                                               const std::string& cluster_id,
                                                               RocksEnvironment& environment);
  WebhookService(const WebhookService&) = delete;
  WebhookService& operator=(const WebhookService&) = delete;
  ~WebhookService();

  // Null: there are no webhooks.
  Deliveries* deliveries() const { return deliveries_.get(); }

  // Deliveries::Resend(), at once. REQUIRES: there are webhooks.
  absl::StatusOr<int64_t> Resend(const std::string& name);

 private:
  WebhookService(const KafkaConnection& connection, std::string topic, std::unique_ptr<Deliveries> deliveries);

  void Run();
  absl::Status Follow();

  const KafkaConnection connection_;
  const std::string topic_;
  const std::unique_ptr<Deliveries> deliveries_;  // null: there are none
  std::unique_ptr<WebhookSender> sender_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace keyfold

#endif  // KEYFOLD_SERVE_WEBHOOK_SERVICE_H_
