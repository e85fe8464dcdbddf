#include "webhooks/deliveries.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr char kHookSort = 'h';
constexpr char kWaitingSort = 'w';
constexpr char kDeadSort = 'd';

// A receiver cannot wish for more.
constexpr absl::Duration kRetryAfterMax = absl::Hours(1);

std::string HookKey(const std::string& name) { return absl::StrCat(std::string(1, kHookSort), name); }

std::string DeliveryPrefix(char sort, const std::string& name) { return absl::StrCat(std::string(1, sort), name, "/"); }

std::string DeliveryKey(char sort, const std::string& name, uint64_t sequence) {
  std::string key = DeliveryPrefix(sort, name);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>((sequence >> shift) & 0xff);
  return key;
}

uint64_t SequenceIn(std::string_view key) {
  uint64_t sequence = 0;
  for (char byte : key.substr(key.size() - sizeof(sequence)))
    sequence = sequence << 8 | static_cast<unsigned char>(byte);
  return sequence;
}

absl::Status Damaged() {
  return absl::DataLossError(
      "what is kept of webhooks is damaged: stop the gateway, remove the directory and start it again; alerts that are "
      "not too old are sent again then");
}

int64_t NextOffset(const v1::WebhookProgress& progress, int32_t partition) {
  return partition < progress.next_offsets_size() ? progress.next_offsets(partition) : 0;
}

void SetNextOffset(v1::WebhookProgress& progress, int32_t partition, int64_t offset) {
  while (progress.next_offsets_size() <= partition) progress.add_next_offsets(0);
  progress.set_next_offsets(partition, offset);
}

}  // namespace

Deliveries::Deliveries(std::unique_ptr<ShardStore> store, const std::vector<WebhookConfig>& webhooks,
                       std::string source, const DeliveryLimits& limits)
    : store_(std::move(store)),
      webhooks_(webhooks),
      source_(std::move(source)),
      limits_(limits),
      hooks_(webhooks.size()) {}

absl::StatusOr<std::unique_ptr<Deliveries>> Deliveries::Open(std::unique_ptr<ShardStore> store,
                                                             const std::vector<WebhookConfig>& webhooks,
                                                             const std::string& source, const DeliveryLimits& limits,
                                                             const std::function<void(std::string_view)>& log) {
  std::unique_ptr<Deliveries> deliveries(new Deliveries(std::move(store), webhooks, source, limits));
  KEYFOLD_RETURN_IF_ERROR(deliveries->ForgetOthers(log));
  const absl::MutexLock lock(&deliveries->mutex_);
  KEYFOLD_RETURN_IF_ERROR(deliveries->Refresh());
  return deliveries;
}

absl::Status Deliveries::ForgetOthers(const std::function<void(std::string_view)>& log) {
  StoreBatch batch;
  const std::string prefix(1, kHookSort);
  KEYFOLD_RETURN_IF_ERROR(store_->Scan(prefix, prefix, [&](std::string_view key, std::string_view /*value*/) {
    const std::string name(key.substr(1));
    if (absl::c_any_of(webhooks_, [&](const WebhookConfig& webhook) { return webhook.name == name; })) return true;
    log(absl::StrCat("webhook ", name, " is not configured any more: what waited for it is forgotten"));
    batch.Delete(std::string(key));
    for (char sort : {kWaitingSort, kDeadSort}) batch.DeletePrefix(DeliveryPrefix(sort, name));
    return true;
  }));
  return batch.operations().empty() ? absl::OkStatus() : store_->Write(std::move(batch));
}

absl::Status Deliveries::Refresh() {
  if (!is_stale_) return absl::OkStatus();
  for (size_t hook = 0; hook < hooks_.size(); ++hook) KEYFOLD_RETURN_IF_ERROR(Load(hook));
  is_stale_ = false;
  return absl::OkStatus();
}

absl::Status Deliveries::Load(size_t number) {
  const std::string& name = webhooks_[number].name;
  Hook& hook = hooks_[number];
  hook.progress.Clear();
  hook.waiting.clear();
  hook.dead.clear();
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_->Get(HookKey(name)));
  if (stored.has_value() && !hook.progress.ParseFromString(*stored)) return Damaged();
  if (hook.progress.source() != source_) {
    hook.progress.set_source(source_);
    hook.progress.clear_next_offsets();
  }
  bool is_whole = true;
  const std::string waiting = DeliveryPrefix(kWaitingSort, name);
  KEYFOLD_RETURN_IF_ERROR(store_->Scan(waiting, waiting, [&](std::string_view key, std::string_view value) {
    v1::WebhookDelivery delivery;
    is_whole = delivery.ParseFromArray(value.data(), static_cast<int>(value.size()));
    if (!is_whole) return false;
    hook.waiting[SequenceIn(key)] = {delivery.alert_key(), delivery.recorded_ms(), delivery.attempts(),
                                     delivery.is_resent()};
    return true;
  }));
  if (!is_whole) return Damaged();
  const std::string dead = DeliveryPrefix(kDeadSort, name);
  return store_->Scan(dead, dead, [&](std::string_view key, std::string_view /*value*/) {
    hook.dead.insert(SequenceIn(key));
    return true;
  });
}

absl::Status Deliveries::Write(StoreBatch batch) {
  is_stale_ = true;  // where it fails, or is there all the same
  KEYFOLD_RETURN_IF_ERROR(store_->Write(std::move(batch)));
  is_stale_ = false;
  return absl::OkStatus();
}

absl::StatusOr<v1::WebhookDelivery> Deliveries::Read(char sort, size_t hook, uint64_t sequence) const {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                           store_->Get(DeliveryKey(sort, webhooks_[hook].name, sequence)));
  v1::WebhookDelivery delivery;
  if (!stored.has_value() || !delivery.ParseFromString(*stored)) return Damaged();
  return delivery;
}

void Deliveries::Await(size_t hook, uint64_t sequence, const v1::WebhookDelivery& delivery, StoreBatch& batch) {
  hooks_[hook].waiting[sequence] = {delivery.alert_key(), delivery.recorded_ms(), delivery.attempts(),
                                    delivery.is_resent()};
  batch.Put(DeliveryKey(kWaitingSort, webhooks_[hook].name, sequence), delivery.SerializeAsString());
}

void Deliveries::Bury(size_t number, uint64_t sequence, const v1::WebhookDelivery& delivery, StoreBatch& batch) {
  Hook& hook = hooks_[number];
  const std::string& name = webhooks_[number].name;
  if (hook.waiting.erase(sequence) > 0) batch.Delete(DeliveryKey(kWaitingSort, name, sequence));
  hook.dead.insert(sequence);
  batch.Put(DeliveryKey(kDeadSort, name, sequence), delivery.SerializeAsString());
  while (hook.dead.size() > limits_.dead_max) {
    batch.Delete(DeliveryKey(kDeadSort, name, *hook.dead.begin()));
    hook.dead.erase(hook.dead.begin());
    hook.progress.set_dropped(hook.progress.dropped() + 1);
  }
}

void Deliveries::PutProgress(size_t hook, StoreBatch& batch) {
  batch.Put(HookKey(webhooks_[hook].name), hooks_[hook].progress.SerializeAsString());
}

bool Deliveries::IsTooOld(int64_t recorded_ms, absl::Time now) const {
  return absl::FromUnixMillis(recorded_ms) < now - limits_.age_max;
}

absl::StatusOr<std::vector<int64_t>> Deliveries::NextOffsets() {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  std::vector<int64_t> next;
  int partitions = 0;
  for (const Hook& hook : hooks_) partitions = std::max(partitions, hook.progress.next_offsets_size());
  for (int32_t partition = 0; partition < partitions; ++partition) {
    int64_t lowest = NextOffset(hooks_.front().progress, partition);
    for (const Hook& hook : hooks_) lowest = std::min(lowest, NextOffset(hook.progress, partition));
    next.push_back(lowest);
  }
  return next;
}

void Deliveries::Add(size_t number, const AlertNews& news, StoreBatch& batch) {
  Hook& hook = hooks_[number];
  const uint64_t sequence = hook.progress.next_sequence();
  hook.progress.set_next_sequence(sequence + 1);
  v1::WebhookDelivery delivery;
  delivery.set_id(DeliveryId(news));
  delivery.set_alert_key(news.key);
  delivery.set_recorded_ms(news.recorded_ms);
  delivery.set_body(MessageBody(news, webhooks_[number].name));
  if (hook.waiting.size() < limits_.waiting_max) return Await(number, sequence, delivery, batch);
  delivery.set_error("too many were waiting");
  Bury(number, sequence, delivery, batch);
}

absl::Status Deliveries::Take(std::span<const PublishedRecord> records, absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  StoreBatch batch;
  for (const PublishedRecord& record : records) {
    std::optional<AlertNews> news = ReadNews(record);
    if (news.has_value() && IsTooOld(news->recorded_ms, now)) news.reset();
    for (size_t hook = 0; hook < hooks_.size(); ++hook) {
      if (record.offset < NextOffset(hooks_[hook].progress, record.partition)) continue;
      SetNextOffset(hooks_[hook].progress, record.partition, record.offset + 1);
      if (news.has_value() && IsWanted(webhooks_[hook], *news)) Add(hook, *news, batch);
    }
  }
  for (size_t hook = 0; hook < hooks_.size(); ++hook) PutProgress(hook, batch);
  return Write(std::move(batch));
}

absl::Status Deliveries::BeginAnew() {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  StoreBatch batch;
  for (size_t hook = 0; hook < hooks_.size(); ++hook) {
    hooks_[hook].progress.clear_next_offsets();
    PutProgress(hook, batch);
  }
  return Write(std::move(batch));
}

absl::Status Deliveries::BuryOld(size_t number, absl::Time now) {
  std::map<uint64_t, v1::WebhookDelivery> old;
  for (const auto& [sequence, waiting] : hooks_[number].waiting) {
    if (waiting.is_resent || !IsTooOld(waiting.recorded_ms, now)) continue;
    KEYFOLD_ASSIGN_OR_RETURN(old[sequence], Read(kWaitingSort, number, sequence));
  }
  if (old.empty()) return absl::OkStatus();
  StoreBatch batch;
  for (auto& [sequence, delivery] : old) {
    delivery.set_error(
        absl::StrCat("it waited until it was too old", delivery.error().empty() ? "" : "; ", delivery.error()));
    Bury(number, sequence, delivery, batch);
  }
  PutProgress(number, batch);
  return Write(std::move(batch));
}

absl::StatusOr<NextDelivery> Deliveries::Next(size_t number, absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  KEYFOLD_RETURN_IF_ERROR(BuryOld(number, now));
  const Hook& hook = hooks_[number];
  NextDelivery next;
  next.again_at = hook.waiting.empty() ? absl::InfiniteFuture() : hook.paused_until;
  if (hook.waiting.empty() || now < hook.paused_until) return next;
  std::set<std::string_view> alerts;  // of which something earlier waits
  int32_t attempts = 0;
  for (const auto& [sequence, waiting] : hook.waiting) {
    if (!alerts.insert(waiting.alert_key).second) continue;
    if (next.sequence.has_value() && waiting.attempts >= attempts) continue;
    next.sequence = sequence;
    attempts = waiting.attempts;
  }
  KEYFOLD_ASSIGN_OR_RETURN(const v1::WebhookDelivery delivery, Read(kWaitingSort, number, *next.sequence));
  next.id = delivery.id();
  next.body = delivery.body();
  next.attempt = delivery.attempts() + 1;
  return next;
}

absl::Status Deliveries::Delivered(size_t number, uint64_t sequence, absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  Hook& hook = hooks_[number];
  hook.failures = 0;
  hook.paused_until = absl::InfinitePast();
  if (hook.waiting.erase(sequence) == 0) return absl::OkStatus();
  hook.progress.set_delivered(hook.progress.delivered() + 1);
  hook.progress.set_delivered_at_ms(absl::ToUnixMillis(now));
  StoreBatch batch;
  batch.Delete(DeliveryKey(kWaitingSort, webhooks_[number].name, sequence));
  PutProgress(number, batch);
  return Write(std::move(batch));
}

absl::Duration Deliveries::PauseAfter(size_t hook, int failures, absl::Duration retry_after, double chance) const {
  const absl::Duration pause_max = absl::Seconds(webhooks_[hook].pause_s_max);
  absl::Duration pause = limits_.pause_first;
  for (int i = 1; i < failures && pause < pause_max; ++i) pause *= 2;
  pause = std::min(pause, pause_max) * (1 - chance / 2);
  return std::max(pause, std::min(retry_after, kRetryAfterMax));
}

absl::Status Deliveries::Failed(size_t number, uint64_t sequence, const std::string& error, absl::Duration retry_after,
                                double chance, absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  Hook& hook = hooks_[number];
  hook.paused_until = now + PauseAfter(number, ++hook.failures, retry_after, chance);
  if (!hook.waiting.contains(sequence)) return absl::OkStatus();
  KEYFOLD_ASSIGN_OR_RETURN(v1::WebhookDelivery delivery, Read(kWaitingSort, number, sequence));
  delivery.set_attempts(delivery.attempts() + 1);
  delivery.set_error(error);
  delivery.set_failed_at_ms(absl::ToUnixMillis(now));
  hook.progress.set_error(error);
  hook.progress.set_failed_at_ms(absl::ToUnixMillis(now));
  StoreBatch batch;
  if (delivery.attempts() < webhooks_[number].attempts_max) {
    Await(number, sequence, delivery, batch);
  } else {
    Bury(number, sequence, delivery, batch);
  }
  PutProgress(number, batch);
  return Write(std::move(batch));
}

absl::StatusOr<int64_t> Deliveries::Resend(const std::string& name) {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  const auto found = absl::c_find_if(webhooks_, [&](const WebhookConfig& webhook) { return webhook.name == name; });
  if (found == webhooks_.end()) return absl::NotFoundError(absl::StrCat("there is no webhook ", name));
  const auto number = static_cast<size_t>(found - webhooks_.begin());
  Hook& hook = hooks_[number];
  hook.failures = 0;
  hook.paused_until = absl::InfinitePast();
  std::map<uint64_t, v1::WebhookDelivery> dead;
  for (uint64_t sequence : hook.dead) {
    KEYFOLD_ASSIGN_OR_RETURN(dead[sequence], Read(kDeadSort, number, sequence));
  }
  StoreBatch batch;
  for (auto& [sequence, delivery] : dead) {
    delivery.set_attempts(0);
    delivery.set_is_resent(true);
    batch.Delete(DeliveryKey(kDeadSort, name, sequence));
    Await(number, sequence, delivery, batch);
  }
  hook.dead.clear();
  KEYFOLD_RETURN_IF_ERROR(Write(std::move(batch)));
  return static_cast<int64_t>(dead.size());
}

absl::StatusOr<std::vector<WebhookState>> Deliveries::States(size_t dead_max) {
  const absl::MutexLock lock(&mutex_);
  KEYFOLD_RETURN_IF_ERROR(Refresh());
  std::vector<WebhookState> states;
  for (size_t number = 0; number < hooks_.size(); ++number) {
    const Hook& hook = hooks_[number];
    WebhookState& state = states.emplace_back();
    state.progress = hook.progress;
    state.waiting = hook.waiting.size();
    state.dead = hook.dead.size();
    state.paused_until = hook.paused_until;
    for (auto at = hook.dead.rbegin(); at != hook.dead.rend() && state.latest_dead.size() < dead_max; ++at) {
      KEYFOLD_ASSIGN_OR_RETURN(state.latest_dead.emplace_back(), Read(kDeadSort, number, *at));
    }
  }
  return states;
}

}  // namespace keyfold
