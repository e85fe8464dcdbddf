// Records of account-alerts.
#ifndef KEYFOLD_TESTS_WEBHOOKS_ALERT_RECORDS_H_
#define KEYFOLD_TESTS_WEBHOOKS_ALERT_RECORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "keyfold/v1/alert.pb.h"
#include "live/published_record.h"

namespace keyfold {

struct AlertRecord {
  std::string key;
  std::string value;
  int32_t partition = 0;
  int64_t offset = 0;

  PublishedRecord published() const { return {LatestTopic::kAlerts, partition, offset, 0, key, value}; }
};

inline v1::KpiAlert AnAlert(const std::string& account, const std::string& alert, absl::Time recorded_at,
                            bool raised = true) {
  v1::KpiAlert record;
  record.set_account_id(account);
  record.set_alert(alert);
  record.set_raised(raised);
  record.set_severity(v1::KpiAlert::HIGH);
  record.mutable_attributes()->set_manager_id("M7");
  const int64_t ms = absl::ToUnixMillis(recorded_at);
  record.mutable_recorded_at()->set_seconds(ms / 1'000);
  record.mutable_recorded_at()->set_nanos(static_cast<int32_t>(ms % 1'000) * 1'000'000);
  return record;
}

inline AlertRecord RecordOf(const v1::KpiAlert& alert, int64_t offset, int32_t partition = 0) {
  const bool is_account = !alert.account_id().empty();
  return {absl::StrCat(is_account ? "account/" : "group/", alert.alert(), "/",
                       is_account ? alert.account_id() : alert.group_id()),
          alert.SerializeAsString(), partition, offset};
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_WEBHOOKS_ALERT_RECORDS_H_
