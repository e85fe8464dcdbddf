#include "webhooks/deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/memory_store.h"
#include "support/shared_store.h"
#include "webhooks/alert_records.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1'767'607'200);

WebhookConfig AWebhook(const std::string& name) {
  WebhookConfig webhook;
  webhook.name = name;
  webhook.attempts_max = 3;
  return webhook;
}

class DeliveriesTest : public ::testing::Test {
 protected:
  void Open(const std::vector<WebhookConfig>& webhooks = {AWebhook("a")},
            const std::string& source = "cluster/alerts") {
    deliveries_ = nullptr;
    auto deliveries = Deliveries::Open(std::make_unique<SharedStore>(disk_), webhooks, source, limits_,
                                       [this](std::string_view line) { log_.emplace_back(line); });
    ASSERT_TRUE(deliveries.ok()) << deliveries.status();
    deliveries_ = *std::move(deliveries);
  }

  void Take(const v1::KpiAlert& alert, int64_t offset) {
    const AlertRecord record = RecordOf(alert, offset);
    const PublishedRecord published = record.published();
    const absl::Status taken = deliveries_->Take(std::span(&published, 1), now_);
    ASSERT_TRUE(taken.ok()) << taken;
  }

  // The account that is sent next, and whether that fails; "" where nothing is.
  std::string Send(bool fails = false, absl::Duration retry_after = absl::ZeroDuration(), size_t hook = 0) {
    const auto next = deliveries_->Next(hook, now_);
    EXPECT_TRUE(next.ok()) << next.status();
    if (!next->sequence.has_value()) return "";
    attempt_ = next->attempt;
    EXPECT_TRUE((fails ? deliveries_->Failed(hook, *next->sequence, "it is away", retry_after, 0, now_)
                       : deliveries_->Delivered(hook, *next->sequence, now_))
                    .ok());
    const nlohmann::json body = nlohmann::json::parse(next->body);
    return body.at("account_id").get<std::string>() + (body.at("raised") ? "" : " cleared");
  }

  absl::Duration Pause() const { return deliveries_->Next(0, now_)->again_at - now_; }
  WebhookState State(size_t hook = 0) const { return (*deliveries_->States(10))[hook]; }

  MemoryStore disk_{nullptr};
  DeliveryLimits limits_;
  absl::Time now_ = kStart;
  std::unique_ptr<Deliveries> deliveries_;
  std::vector<std::string> log_;
  int32_t attempt_ = 0;
};

TEST_F(DeliveriesTest, WhatIsTakenInIsSentOnce) {
  Open();
  EXPECT_EQ(deliveries_->Next(0, now_)->again_at, absl::InfiniteFuture());
  Take(AnAlert("A1", "at_risk", now_), 0);
  Take(AnAlert("A1", "at_risk", now_), 0);  // again
  Take(AnAlert("A2", "at_risk", now_), 5);
  EXPECT_EQ(State().waiting, 2);
  EXPECT_EQ(Send(), "A1");
  Open();
  EXPECT_THAT(*deliveries_->NextOffsets(), ElementsAre(6));
  EXPECT_EQ(Send(), "A2");
  EXPECT_EQ(Send(), "");
  EXPECT_EQ(State().progress.delivered(), 2);
  EXPECT_EQ(State().progress.delivered_at_ms(), absl::ToUnixMillis(now_));
}

TEST_F(DeliveriesTest, PausesGrowUntilSomethingIsDelivered) {
  Open({[] {
    WebhookConfig webhook = AWebhook("a");
    webhook.attempts_max = 100;
    return webhook;
  }()});
  Take(AnAlert("A1", "at_risk", now_), 0);
  std::vector<int64_t> pauses;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Send(/*fails=*/true), "A1");
    EXPECT_EQ(attempt_, i + 1);
    EXPECT_EQ(Send(), "");
    pauses.push_back(absl::ToInt64Seconds(Pause()));
    now_ += Pause();
  }
  EXPECT_THAT(pauses, ElementsAre(5, 10, 20, 40, 80, 160, 320, 640, 900, 900));
  EXPECT_EQ(Send(), "A1");
  Take(AnAlert("A2", "at_risk", now_), 1);
  EXPECT_EQ(Send(/*fails=*/true), "A2");
  EXPECT_EQ(Pause(), absl::Seconds(5));
}

TEST_F(DeliveriesTest, AReceiverMayWishForALongerPauseButNotForEver) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 0);
  Send(/*fails=*/true, absl::Seconds(77));
  EXPECT_EQ(Pause(), absl::Seconds(77));
  now_ += Pause();
  Send(/*fails=*/true, absl::Hours(1'000));
  EXPECT_EQ(Pause(), absl::Hours(1));
}

TEST_F(DeliveriesTest, ChanceShortensPauses) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 0);
  ASSERT_TRUE(deliveries_->Failed(0, *deliveries_->Next(0, now_)->sequence, "", absl::ZeroDuration(), 1, now_).ok());
  EXPECT_EQ(Pause(), absl::Seconds(2.5));
}

TEST_F(DeliveriesTest, WhatCannotBeDigestedGivesWayToOthers) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 0);
  Take(AnAlert("A2", "at_risk", now_), 1);
  Take(AnAlert("A3", "at_risk", now_), 2);
  EXPECT_EQ(Send(/*fails=*/true), "A1");
  now_ += Pause();
  EXPECT_EQ(Send(), "A2");
  EXPECT_EQ(Send(), "A3");
  EXPECT_EQ(Send(), "A1");
}

TEST_F(DeliveriesTest, OneAlertsNewsComeInOrder) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 0);
  Take(AnAlert("A1", "at_risk", now_, /*raised=*/false), 1);
  Take(AnAlert("A1", "contract_due", now_, /*raised=*/false), 2);
  EXPECT_EQ(Send(/*fails=*/true), "A1");
  now_ += Pause();
  EXPECT_EQ(Send(), "A1 cleared");  // the other alert
  EXPECT_EQ(Send(), "A1");
  EXPECT_EQ(Send(), "A1 cleared");
}

TEST_F(DeliveriesTest, WhatFailsTooOftenIsDeadUntilItIsSentAgain) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Send(/*fails=*/true), "A1");
    now_ += absl::Hours(1);
  }
  EXPECT_EQ(Send(), "");
  Open();
  EXPECT_EQ(State().waiting, 0);
  EXPECT_EQ(State().dead, 1);
  ASSERT_EQ(State().latest_dead.size(), 1);
  EXPECT_EQ(State().latest_dead[0].alert_key(), "account/at_risk/A1");
  EXPECT_EQ(State().latest_dead[0].attempts(), 3);
  EXPECT_EQ(State().latest_dead[0].error(), "it is away");
  EXPECT_TRUE(absl::IsNotFound(deliveries_->Resend("b").status()));
  now_ += absl::Hours(100);  // old by now: it is sent all the same
  EXPECT_EQ(*deliveries_->Resend("a"), 1);
  Open();
  EXPECT_EQ(State().dead, 0);
  EXPECT_EQ(Send(), "A1");
  EXPECT_EQ(attempt_, 1);
}

TEST_F(DeliveriesTest, OldAlertsAreNotSent) {
  Open();
  Take(AnAlert("A1", "at_risk", now_ - absl::Hours(25)), 0);
  Take(AnAlert("A2", "at_risk", now_ - absl::Hours(24)), 1);
  EXPECT_EQ(State().waiting, 1);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Send(), "");
  EXPECT_EQ(State().dead, 1);
  EXPECT_THAT(State().latest_dead[0].error(), HasSubstr("too old"));
}

TEST_F(DeliveriesTest, NeitherWaitingNorDeadGrowWithoutEnd) {
  limits_.waiting_max = 2;
  limits_.dead_max = 2;
  Open();
  for (int i = 0; i < 6; ++i) Take(AnAlert(absl::StrCat("A", i), "at_risk", now_), i);
  EXPECT_EQ(State().waiting, 2);
  EXPECT_EQ(State().dead, 2);
  EXPECT_EQ(State().progress.dropped(), 2);
  EXPECT_THAT(State().latest_dead[0].alert_key(), HasSubstr("A5"));
  EXPECT_THAT(State().latest_dead[1].alert_key(), HasSubstr("A4"));
  Open();
  EXPECT_EQ(State().dead, 2);
}

TEST_F(DeliveriesTest, EachWebhookHasItsOwnPlace) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 0);
  Open({AWebhook("a"), AWebhook("b")});
  EXPECT_THAT(*deliveries_->NextOffsets(), ElementsAre(0));  // the new one has nothing yet
  Take(AnAlert("A1", "at_risk", now_), 0);
  EXPECT_EQ(Send(/*fails=*/true), "A1");
  EXPECT_EQ(Send(), "");
  EXPECT_EQ(Send(false, {}, /*hook=*/1), "A1");
  EXPECT_EQ(Send(false, {}, /*hook=*/1), "");

  Open({AWebhook("b")});
  EXPECT_THAT(log_, ElementsAre(HasSubstr("webhook a is not configured any more")));
  EXPECT_THAT(*deliveries_->NextOffsets(), ElementsAre(1));
  Open();
  EXPECT_EQ(State().waiting, 0);
}

TEST_F(DeliveriesTest, AnotherTopicIsReadFromItsBeginning) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 7);
  Open({AWebhook("a")}, "other/alerts");
  EXPECT_THAT(*deliveries_->NextOffsets(), IsEmpty());
  EXPECT_EQ(State().waiting, 1);
  Take(AnAlert("A2", "at_risk", now_), 0);
  ASSERT_TRUE(deliveries_->BeginAnew().ok());
  EXPECT_THAT(*deliveries_->NextOffsets(), IsEmpty());
  EXPECT_EQ(State().waiting, 2);
}

TEST_F(DeliveriesTest, WhatIsDamagedIsSaid) {
  Open();
  Take(AnAlert("A1", "at_risk", now_), 7);
  StoreBatch batch;
  for (const auto& [key, value] : disk_.contents()) {
    if (key.starts_with('w')) batch.Put(key, "\x7f");
  }
  ASSERT_TRUE(disk_.Write(std::move(batch)).ok());
  EXPECT_TRUE(absl::IsDataLoss(deliveries_->Next(0, now_).status()));
  EXPECT_TRUE(absl::IsDataLoss(
      Deliveries::Open(std::make_unique<SharedStore>(disk_), {AWebhook("a")}, "", {}, [](std::string_view /*line*/) {
      }).status()));
}

}  // namespace
}  // namespace keyfold
