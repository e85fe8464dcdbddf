// Property: whatever happens (receivers that are away or cannot digest something, a process that dies at any moment, a
// disk that refuses to be written, a topic that is read anew), every webhook gets each alert that it asks for, more
// than once only what was on its way when something went wrong, and nothing else.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/memory_store.h"
#include "support/shared_store.h"
#include "webhooks/alert_records.h"
#include "webhooks/deliveries.h"

namespace keyfold {
namespace {

class World {
 public:
  World() {
    webhooks_.resize(3);
    webhooks_[0].name = "all";
    webhooks_[1].name = "risk";
    webhooks_[1].alerts = {"at_risk"};
    webhooks_[2].name = "m8";
    webhooks_[2].groups = {"manager:M8"};
    for (WebhookConfig& webhook : webhooks_) webhook.attempts_max = *rc::gen::inRange(1, 5);
    receivers_.resize(webhooks_.size());
    limits_.age_max = absl::Hours(24);
    Restart();
  }

  void Step() {
    switch (*rc::gen::weightedElement<int>({{8, 0}, {6, 1}, {12, 2}, {2, 3}, {2, 4}, {2, 5}, {4, 6}, {1, 7}, {1, 8}})) {
      case 0:
        Publish();
        break;
      case 1:
        Feed(*rc::gen::inRange<size_t>(1, 6));
        break;
      case 2:
        Send(AHook(), /*dies=*/false);
        break;
      case 3:  // after the message was sent, before that is known
        Send(AHook(), /*dies=*/true);
        break;
      case 4:
        receivers_[AHook()].is_away ^= true;
        break;
      case 5:
        receivers_[AHook()].indigestible = *rc::gen::element<std::string>("", "A1", "A2");
        break;
      case 6:
        now_ += absl::Seconds(*rc::gen::element(1, 10, 1'000, 30'000));
        break;
      case 7:
        refuse_writes_ = *rc::gen::inRange(1, 3);
        break;
      case 8:
        Restart();
        if (*rc::gen::inRange(0, 3) == 0) ReadAnew();
        break;
    }
    NoteDead();
  }

  void CheckEnd() {
    refuse_writes_ = 0;
    Feed(records_.size());
    for (size_t hook = 0; hook < webhooks_.size(); ++hook) {
      receivers_[hook].is_away = false;
      receivers_[hook].indigestible.clear();
      do {  // what waits may get too old while time passes
        while (Send(hook, /*dies=*/false)) {
        }
        NoteDead();
      } while (*deliveries_->Resend(webhooks_[hook].name) > 0);
      CheckReceived(hook);
    }
  }

 private:
  struct Receiver {
    bool is_away = false;
    std::string indigestible;           // an account
    std::vector<std::string> received;  // ids
  };

  size_t AHook() { return *rc::gen::inRange<size_t>(0, webhooks_.size()); }

  void Restart() {
    deliveries_ = nullptr;
    const auto may_write = [this](const StoreBatch& /*batch*/) {
      if (refuse_writes_ == 0) return absl::OkStatus();
      --refuse_writes_;
      return absl::ResourceExhaustedError("the disk is full");
    };
    do {
      auto deliveries = Deliveries::Open(std::make_unique<SharedStore>(disk_, may_write), webhooks_, "s", limits_,
                                         [](std::string_view /*line*/) {});
      if (deliveries.ok()) deliveries_ = *std::move(deliveries);
    } while (deliveries_ == nullptr);
  }

  void Publish() {
    v1::KpiAlert alert = AnAlert(*rc::gen::element<std::string>("A1", "A2", "A3"),
                                 *rc::gen::element<std::string>("at_risk", "contract_due"),
                                 now_ - absl::Hours(*rc::gen::element(0, 0, 1, 20, 30)), *rc::gen::arbitrary<bool>());
    alert.mutable_attributes()->set_manager_id(*rc::gen::element<std::string>("M7", "M8"));
    const int32_t partition = alert.account_id() == "A1" ? 0 : 1;
    records_.push_back(RecordOf(alert, ends_[partition], partition));
    ends_[partition] += *rc::gen::inRange(1, 3);  // markers of transactions
  }

  // Takes in up to so many of the records that were not.
  void Feed(size_t count) {
    const std::vector<int64_t> next = *deliveries_->NextOffsets();
    std::vector<PublishedRecord> batch;
    std::vector<std::pair<size_t, std::string>> wanted;
    for (const AlertRecord& record : records_) {
      const auto partition = static_cast<size_t>(record.partition);
      if (batch.size() >= count || record.offset < (partition < next.size() ? next[partition] : 0)) continue;
      batch.push_back(record.published());
      const AlertNews news = *ReadNews(record.published());
      if (absl::FromUnixMillis(news.recorded_ms) < now_ - limits_.age_max) continue;
      for (size_t hook = 0; hook < webhooks_.size(); ++hook) {
        if (IsWanted(webhooks_[hook], news)) wanted.emplace_back(hook, DeliveryId(news));
      }
    }
    if (deliveries_->Take(batch, now_).ok()) wanted_.insert(wanted.begin(), wanted.end());
  }

  // False: nothing waits. Without receivers that fail, time passes until something is due.
  bool Send(size_t hook, bool dies) {
    absl::StatusOr<NextDelivery> next = deliveries_->Next(hook, now_);
    if (!next.ok() || next->again_at == absl::InfiniteFuture()) return !next.ok();
    if (!next->sequence.has_value()) {
      RC_ASSERT(next->again_at > now_);
      RC_ASSERT(next->again_at <= now_ + absl::Seconds(webhooks_[hook].pause_s_max));
      now_ = next->again_at;
      return true;
    }
    Receiver& receiver = receivers_[hook];
    const bool digests =
        receiver.indigestible.empty() || next->body.find("\"" + receiver.indigestible + "\"") == std::string::npos;
    const bool is_taken = !receiver.is_away && digests;
    if (is_taken) receiver.received.push_back(next->id);
    if (dies) {
      if (is_taken) ++again_[{hook, next->id}];
      Restart();
      return true;
    }
    const absl::Status noted =
        is_taken ? deliveries_->Delivered(hook, *next->sequence, now_)
                 : deliveries_->Failed(hook, *next->sequence, "away", absl::ZeroDuration(), 0.5, now_);
    if (is_taken && !noted.ok()) ++again_[{hook, next->id}];
    return true;
  }

  void ReadAnew() {
    if (!deliveries_->BeginAnew().ok()) return;
    for (const auto& id : wanted_) ++again_[id];
  }

  void NoteDead() {
    const auto states = deliveries_->States(1'000);
    RC_ASSERT(states.ok());
    for (size_t hook = 0; hook < webhooks_.size(); ++hook) {
      for (const v1::WebhookDelivery& dead : (*states)[hook].latest_dead) once_dead_.emplace(hook, dead.id());
    }
  }

  void CheckReceived(size_t hook) {
    std::map<std::string, int> times;
    for (const std::string& id : receivers_[hook].received) ++times[id];
    std::map<std::string, std::vector<std::string>> by_alert;  // first arrivals of what was never dead nor repeated
    for (const AlertRecord& record : records_) {
      const AlertNews news = *ReadNews(record.published());
      const std::pair<size_t, std::string> id(hook, DeliveryId(news));
      const int received = times.contains(id.second) ? times.at(id.second) : 0;
      RC_ASSERT(received >= (wanted_.contains(id) ? 1 : 0));
      RC_ASSERT(received <= (wanted_.contains(id) ? 1 + again_[id] : 0));
      if (received == 1 && !once_dead_.contains(id) && again_[id] == 0) by_alert[record.key].push_back(id.second);
    }
    for (const auto& [key, ids] : by_alert) {
      std::vector<std::string> arrived;
      for (const std::string& id : receivers_[hook].received) {
        if (std::find(ids.begin(), ids.end(), id) != ids.end()) arrived.push_back(id);
      }
      RC_ASSERT(arrived == ids);
    }
  }

  MemoryStore disk_{nullptr};
  DeliveryLimits limits_;
  std::vector<WebhookConfig> webhooks_;
  std::vector<Receiver> receivers_;
  std::unique_ptr<Deliveries> deliveries_;
  absl::Time now_ = absl::FromUnixSeconds(1'767'607'200);
  int refuse_writes_ = 0;
  std::vector<AlertRecord> records_;
  std::map<int32_t, int64_t> ends_;

  // By webhook and id.
  std::set<std::pair<size_t, std::string>> wanted_;
  std::map<std::pair<size_t, std::string>, int> again_;  // how often it may have come once more
  std::set<std::pair<size_t, std::string>> once_dead_;
};

TEST(DeliveriesPropertyTest, EveryWebhookGetsWhatItAsksFor) {
  EXPECT_TRUE(rc::check("nothing is lost, and only what went wrong comes twice", [] {
    World world;
    const int steps = *rc::gen::inRange(1, 150);
    for (int i = 0; i < steps; ++i) world.Step();
    world.CheckEnd();
  }));
}

}  // namespace
}  // namespace keyfold
