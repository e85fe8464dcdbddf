// What is to be sent to each webhook, what was, and what could not be: kept in a store, so that a process that ends
// anyhow neither forgets an alert nor sends more twice than what was on its way.
//
//   account-alerts ─▶ Take() ─▶ waiting ─▶ Next() … Delivered()
//                                  ▲  └──▶ Next() … Failed() ─▶ waiting, or dead ─▶ Resend() ─▶ waiting
//
//   store    := hook* | delivery*
//   hook     := "h" name                        -> v1.WebhookProgress
//   delivery := ("w" | "d") name "/" sequence   -> v1.WebhookDelivery    waiting, dead; the sequence in 8 bytes, big
//                                                                        end first
#ifndef KEYFOLD_WEBHOOKS_DELIVERIES_H_
#define KEYFOLD_WEBHOOKS_DELIVERIES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "config/webhook_config.h"
#include "keyfold/shard_store.h"
#include "keyfold/v1/webhook_state.pb.h"
#include "live/published_record.h"
#include "webhooks/message.h"

namespace keyfold {

struct DeliveryLimits {
  absl::Duration age_max = absl::Hours(24);       // of an alert, since it was recorded; older ones are not sent
  size_t waiting_max = 10'000;                    // of one webhook; what comes on top is dead at once
  size_t dead_max = 10'000;                       // likewise; the oldest is forgotten
  absl::Duration pause_first = absl::Seconds(5);  // after a failure; each further one is twice as long
};

// What one webhook is sent next.
struct NextDelivery {
  std::optional<uint64_t> sequence;  // nullopt: nothing now
  absl::Time again_at;               // then: when to ask again, at the latest; infinite: when something has come
  std::string id;
  std::string body;
  int32_t attempt = 0;  // from 1 on
};

struct WebhookState {
  v1::WebhookProgress progress;
  size_t waiting = 0;
  size_t dead = 0;
  absl::Time paused_until = absl::InfinitePast();
  std::vector<v1::WebhookDelivery> latest_dead;  // the newest first
};

// Of one webhook one alert is sent at a time, those first that have failed least often, the oldest of them first: a
// message that its receiver cannot digest does not hold up the others for long. After a failure the webhook pauses,
// twice as long each time, until something was delivered: a receiver that is away is asked now and then. What is said
// of one alert is sent in its order, but for what was dead.
//
// Knows neither clock nor network. Thread-safe. Errors are the store's, DataLoss where it is damaged: nothing has
// changed then.
class Deliveries {
 public:
  // `source` says which cluster and topic the offsets are of; with another one than before, the topic is read from its
  // beginning. What waits for a webhook that is not configured any more is forgotten, and `log` told.
  static absl::StatusOr<std::unique_ptr<Deliveries>> Open(std::unique_ptr<ShardStore> store,
                                                          const std::vector<WebhookConfig>& webhooks,
                                                          const std::string& source, const DeliveryLimits& limits,
                                                          const std::function<void(std::string_view)>& log);

  // What the numbers of webhooks below stand for.
  const std::vector<WebhookConfig>& webhooks() const { return webhooks_; }

  // Where to read on, by partition: what comes before, every webhook has.
  absl::StatusOr<std::vector<int64_t>> NextOffsets();

  // Takes in records of account-alerts, in the order of their offsets. Those that were taken in are left out.
  absl::Status Take(std::span<const PublishedRecord> records, absl::Time now);

  // The topic was made anew or has lost records: it is read from its beginning. What waits goes on waiting.
  absl::Status BeginAnew();

  // What is to be sent to a webhook. What is too old to be sent is dead from now on.
  absl::StatusOr<NextDelivery> Next(size_t hook, absl::Time now);

  // What became of it. `retry_after`: the receiver's wish. `chance`, from 0 to 1, shortens the pause by up to a half,
  // lest several webhooks of one receiver ask at the same time.
  absl::Status Delivered(size_t hook, uint64_t sequence, absl::Time now);
  absl::Status Failed(size_t hook, uint64_t sequence, const std::string& error, absl::Duration retry_after,
                      double chance, absl::Time now);

  // Has all that is dead of a webhook wait again, whatever its age, and ends its pause. How many. NotFound: there is no
  // such webhook.
  absl::StatusOr<int64_t> Resend(const std::string& name);

  // Of all webhooks, in their order, with up to `dead_max` of what is dead of each.
  absl::StatusOr<std::vector<WebhookState>> States(size_t dead_max);

 private:
  struct Waiting {
    std::string alert_key;
    int64_t recorded_ms = 0;
    int32_t attempts = 0;
    bool is_resent = false;
  };
  struct Hook {
    v1::WebhookProgress progress;
    std::map<uint64_t, Waiting> waiting;  // by sequence
    std::set<uint64_t> dead;
    int failures = 0;  // since something was delivered
    absl::Time paused_until = absl::InfinitePast();
  };

  Deliveries(std::unique_ptr<ShardStore> store, const std::vector<WebhookConfig>& webhooks, std::string source,
             const DeliveryLimits& limits);

  // Forgets what is stored of webhooks that are not configured.
  absl::Status ForgetOthers(const std::function<void(std::string_view)>& log);
  // Makes memory what the store says, where a write has failed since it was.
  absl::Status Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Load(size_t hook) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes what memory says already.
  absl::Status Write(StoreBatch batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::StatusOr<v1::WebhookDelivery> Read(char sort, size_t hook, uint64_t sequence) const;
  // These change memory and add what changes the store.
  void Await(size_t hook, uint64_t sequence, const v1::WebhookDelivery& delivery, StoreBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Bury(size_t hook, uint64_t sequence, const v1::WebhookDelivery& delivery, StoreBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Add(size_t hook, const AlertNews& news, StoreBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PutProgress(size_t hook, StoreBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status BuryOld(size_t hook, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  bool IsTooOld(int64_t recorded_ms, absl::Time now) const;
  absl::Duration PauseAfter(size_t hook, int failures, absl::Duration retry_after, double chance) const;

  const std::unique_ptr<ShardStore> store_;
  const std::vector<WebhookConfig> webhooks_;
  const std::string source_;
  const DeliveryLimits limits_;
  absl::Mutex mutex_;
  std::vector<Hook> hooks_ ABSL_GUARDED_BY(mutex_);  // as webhooks_
  bool is_stale_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace keyfold

#endif  // KEYFOLD_WEBHOOKS_DELIVERIES_H_
