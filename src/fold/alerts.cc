#include "fold/alerts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "fold/cause.h"
#include "keyfold/v1/alert.pb.h"
#include "kpi/groups.h"

namespace keyfold {
namespace {

const std::string& IdOf(const Catalog& catalog, const Alert& alert, bool group) {
  const Definition& definition = catalog.definitions()[alert.definition];
  return group ? definition.group_id : definition.id;
}

bool Has(const Alert& alert, bool group) { return !group || alert.of_groups; }

bool Contains(const AlertIds& ids, const std::string& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

v1::KpiAlert::Severity SeverityOf(const DefinitionText& text, bool group) {
  v1::KpiAlert::Severity severity = v1::KpiAlert::SEVERITY_UNSPECIFIED;
  v1::KpiAlert::Severity_Parse((group ? text.group_presentation : text.presentation).alert_severity, &severity);
  return severity;
}

void AddInput(const std::string& id, double value, v1::KpiAlert& message) {
  v1::AlertInput& input = *message.add_inputs();
  input.set_id(id);
  if (!std::isnan(value)) input.set_value(value);
}

// What the formula itself reads, each once.
void AddInputs(const Catalog& catalog, const Definition& alert, const AlertChange& change, v1::KpiAlert& message) {
  const Update& update = change.update;
  std::set<std::pair<Formula::Op, uint16_t>> seen;
  for (const auto& [op, index, constant] : (update.group ? alert.group_formula : alert.formula).code()) {
    if ((op != Formula::Op::kBase && op != Formula::Op::kDefinition) || !seen.emplace(op, index).second) continue;
    if (op == Formula::Op::kBase) {
      AddInput(catalog.base_components()[index].text, change.sum(index), message);
      continue;
    }
    const Definition& read = catalog.definitions()[index];
    AddInput(update.group ? read.group_id : read.id, PublishedValue(catalog, read, (*update.after)[index]), message);
  }
}

void SetAttributes(const Update& update, v1::KpiAlert& message) {
  if (update.group) {
    const GroupName name = NameOfGroup(update.id);
    message.mutable_group()->set_kind(name.kind);
    message.mutable_group()->set_label(std::string(name.label));
  }
  if (update.attributes == nullptr) return;
  v1::AccountAttributes& attributes = *message.mutable_attributes();
  attributes.set_name(update.attributes->name);
  attributes.set_segment(update.attributes->segment);
  attributes.set_region(update.attributes->region);
  attributes.set_industry(update.attributes->industry);
  attributes.set_manager_id(update.attributes->manager_id);
  attributes.set_parent_id(update.attributes->parent_id);
  attributes.set_tier(update.attributes->tier);
  attributes.set_customer(update.customer);
  attributes.set_key_account(!update.attributes->tier.empty());
}

void SetCause(const Update& update, v1::KpiAlert& message) {
  constexpr int64_t kSecondMs = 1'000;
  constexpr int kMillisecondNanos = 1'000'000;
  message.set_cause(update.cause);
  message.set_cause_event(std::string(update.cause_event));
  message.set_source_partition(update.source_partition);
  message.set_source_offset(update.source_offset);
  message.set_correlation_id(std::string(update.correlation_id));
  if (update.recorded_at_ms <= 0) return;
  message.mutable_recorded_at()->set_seconds(update.recorded_at_ms / kSecondMs);
  message.mutable_recorded_at()->set_nanos(static_cast<int>(update.recorded_at_ms % kSecondMs) * kMillisecondNanos);
}

v1::KpiAlert MakeAlert(const EvaluationDay& evaluation, const Alert& alert, const AlertChange& change, bool raised) {
  const Catalog& catalog = *evaluation.catalog;
  const Update& update = change.update;
  v1::KpiAlert message;
  (update.group ? *message.mutable_group_id() : *message.mutable_account_id()) = update.id;
  message.set_alert(IdOf(catalog, alert, update.group));
  message.set_raised(raised);
  message.set_severity(SeverityOf(catalog.TextOf(alert.definition), update.group));
  AddInputs(catalog, catalog.definitions()[alert.definition], change, message);
  message.set_as_of(evaluation.date);
  message.set_catalog_hash(catalog.hash());
  SetCause(update, message);
  SetAttributes(update, message);
  return message;
}

// Of a tombstone without a value.
OutputRecord RecordOf(std::string_view alert, std::string_view id, bool group, std::optional<std::string> value) {
  OutputRecord record;
  record.topic = OutputTopic::kAlerts;
  record.key = AlertKey(alert, id, group);
  record.routing_key = std::string(id);
  record.value = std::move(value);
  return record;
}

}  // namespace

std::string AlertKey(std::string_view alert, std::string_view id, bool group) {
  return absl::StrCat(group ? "group/" : "account/", std::string(alert), "/", std::string(id));
}

AlertIds RaisedAlerts(const Catalog& catalog, const Update& update) {
  AlertIds raised;
  for (const Alert& alert : catalog.alerts()) {
    if (!Has(alert, update.group) || (!update.group && alert.of_customers && !update.customer)) continue;
    const double value = (*update.after)[alert.definition];
    if (!std::isnan(value) && value != 0) raised.push_back(IdOf(catalog, alert, update.group));
  }
  return raised;
}

void AppendAlerts(const EvaluationDay& evaluation, const UpdateFormat& format, const AlertChange& change,
                  std::vector<OutputRecord>& outputs) {
  if (change.known && change.before == change.after) return;
  const Update& update = change.update;
  AlertIds gone = change.before;
  for (const Alert& alert : evaluation.catalog->alerts()) {
    if (!Has(alert, update.group)) continue;
    const std::string& id = IdOf(*evaluation.catalog, alert, update.group);
    std::erase(gone, id);
    const bool raised = Contains(change.after, id);
    if (change.known && raised == Contains(change.before, id)) continue;
    outputs.push_back(
        RecordOf(id, update.id, update.group, format.Encode(MakeAlert(evaluation, alert, change, raised))));
  }
  for (const std::string& id : gone) outputs.push_back(RecordOf(id, update.id, update.group, std::nullopt));
}

void AppendGoneAlerts(const Catalog& catalog, std::string_view id, bool group, const AlertIds& before,
                      std::vector<OutputRecord>& outputs) {
  AlertIds gone = before;
  for (const Alert& alert : catalog.alerts()) {
    if (!Has(alert, group)) continue;
    const std::string& alert_id = IdOf(catalog, alert, group);
    std::erase(gone, alert_id);
    outputs.push_back(RecordOf(alert_id, id, group, std::nullopt));
  }
  for (const std::string& alert_id : gone) outputs.push_back(RecordOf(alert_id, id, group, std::nullopt));
}

}  // namespace keyfold
