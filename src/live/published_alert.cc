#include "live/published_alert.h"

#include <cmath>

#include "live/json_members.h"
#include "live/published_value.h"
#include "rows/alert_key.h"

namespace keyfold {
namespace {

void AppendInputs(const v1::KpiAlert& alert, std::string& out) {
  out += '[';
  for (const v1::AlertInput& input : alert.inputs()) {
    if (out.back() != '[') out += ',';
    MemberWriter members(out);
    members.Text("id", input.id());
    if (input.has_value() && std::isfinite(input.value())) members.Number("value", input.value());
    members.Close();
  }
  out += ']';
}

}  // namespace

std::optional<v1::KpiAlert> DecodeAlert(std::string_view key, std::string_view value) {
  const std::optional<ParsedAlertKey> parsed = ParseAlertKey(key);
  v1::KpiAlert alert;
  if (!parsed.has_value() || !ParsePublished(value, alert)) return std::nullopt;
  const bool of_account = parsed->owner_topic == LatestTopic::kAccounts;
  const std::string& owner = of_account ? alert.account_id() : alert.group_id();
  if (owner != parsed->owner_id || alert.alert() != parsed->alert) return std::nullopt;
  return alert;
}

v1::LatestAlert LatestOf(const v1::KpiAlert& alert) {
  v1::LatestAlert latest;
  latest.set_raised(alert.raised());
  latest.set_severity(alert.severity());
  latest.set_recorded_ms(alert.recorded_at().seconds() * 1'000 + alert.recorded_at().nanos() / 1'000'000);
  return latest;
}

void AppendAlertJson(const v1::KpiAlert& alert, std::string& out) {
  MemberWriter members(out);
  members.Text("account_id", alert.account_id());
  members.Text("group_id", alert.group_id());
  members.Text("alert", alert.alert());
  members.Flag("raised", alert.raised());
  members.Text("severity", v1::KpiAlert::Severity_Name(alert.severity()));
  members.Name("inputs");
  AppendInputs(alert, out);
  members.Text("as_of", alert.as_of());
  members.Text("cause", v1::KpiUpdate::Cause_Name(alert.cause()));
  members.Text("cause_event", alert.cause_event());
  members.Text("catalog_hash", alert.catalog_hash());
  members.Integer32("source_partition", alert.source_partition());
  members.Integer64("source_offset", alert.source_offset());
  members.Text("correlation_id", alert.correlation_id());
  AppendOrigin(alert, members, out);
  members.Close();
}

}  // namespace keyfold
