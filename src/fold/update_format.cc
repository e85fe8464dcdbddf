#include "fold/update_format.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <optional>
#include <utility>

#include "base/undefined.h"
#include "base/varint.h"
#include "fold/cause.h"
#include "kpi/groups.h"
#include "state/message_writer.h"

namespace keyfold {
namespace {

constexpr char kConfluentMagic = 0;

// As published: two amounts in minor units may be one in major units.
bool Differs(const Catalog& catalog, const Definition& kpi, double before, double after) {
  if (before == after || (std::isnan(before) && std::isnan(after))) return false;
  return PublishedValue(catalog, kpi, before) != PublishedValue(catalog, kpi, after);
}

double Before(const Update& update, uint16_t index) {
  return update.before == nullptr ? kUndefined : (*update.before)[index];
}

const std::string& IdOf(const Definition& kpi, bool group) { return group ? kpi.group_id : kpi.id; }

bool IsPublished(const Definition& kpi, bool group) { return !group || kpi.rollup != Definition::Rollup::kNone; }

// About what the values of an update take, and what stands around them.
size_t ValuesSize(const Catalog& catalog, const Update& update) {
  constexpr size_t kAroundValue = 13;
  constexpr size_t kAroundUpdate = 350;
  size_t size = kAroundUpdate;
  for (uint16_t index : catalog.kpis()) {
    if (std::isnan((*update.after)[index])) continue;
    size += IdOf(catalog.definitions()[index], update.group).size() + kAroundValue;
  }
  return size;
}

void AppendAttributes(const AccountAttributes& attributes, bool customer, MessageWriter& writer) {
  using Field = v1::AccountAttributes;
  const std::pair<int, std::string_view> texts[] = {{Field::kNameFieldNumber, attributes.name},
                                                    {Field::kSegmentFieldNumber, attributes.segment},
                                                    {Field::kRegionFieldNumber, attributes.region},
                                                    {Field::kIndustryFieldNumber, attributes.industry},
                                                    {Field::kManagerIdFieldNumber, attributes.manager_id},
                                                    {Field::kParentIdFieldNumber, attributes.parent_id},
                                                    {Field::kTierFieldNumber, attributes.tier}};
  const bool key_account = !attributes.tier.empty();
  size_t size = MessageWriter::IntegerSize(customer) + MessageWriter::IntegerSize(key_account);
  for (const auto& [field, text] : texts) size += MessageWriter::BytesSize(text);
  writer.Begin(v1::KpiUpdate::kAttributesFieldNumber, size);
  for (const auto& [field, text] : texts) writer.Bytes(field, text);
  writer.Integer(Field::kCustomerFieldNumber, customer);
  writer.Integer(Field::kKeyAccountFieldNumber, key_account);
}

void AppendGroup(std::string_view group_id, MessageWriter& writer) {
  const GroupName group = NameOfGroup(group_id);
  writer.Begin(v1::KpiUpdate::kGroupFieldNumber,
               MessageWriter::IntegerSize(group.kind) + MessageWriter::BytesSize(group.label));
  writer.Integer(v1::GroupAttributes::kKindFieldNumber, group.kind);
  writer.Bytes(v1::GroupAttributes::kLabelFieldNumber, group.label);
}

void AppendTimestamp(int64_t milliseconds, MessageWriter& writer) {
  if (milliseconds <= 0) return;
  const int64_t seconds = milliseconds / 1'000;
  const int64_t nanos = milliseconds % 1'000 * 1'000'000;
  writer.Begin(v1::KpiUpdate::kRecordedAtFieldNumber,
               MessageWriter::IntegerSize(seconds) + MessageWriter::IntegerSize(nanos));
  writer.Integer(google::protobuf::Timestamp::kSecondsFieldNumber, seconds);
  writer.Integer(google::protobuf::Timestamp::kNanosFieldNumber, nanos);
}

// What MakeUpdate()'s message is on the wire.
void AppendProtobuf(const EvaluationDay& evaluation, const Update& update, std::string& bytes) {
  const Catalog& catalog = *evaluation.catalog;
  bytes.reserve(bytes.size() + ValuesSize(catalog, update));
  MessageWriter writer(bytes);
  if (!update.group) writer.Bytes(v1::KpiUpdate::kAccountIdFieldNumber, update.id);
  writer.Bytes(v1::KpiUpdate::kAsOfFieldNumber, evaluation.date);
  for (uint16_t index : update.group ? catalog.kpis_by_group_id() : catalog.kpis_by_id()) {
    const Definition& kpi = catalog.definitions()[index];
    const double value = (*update.after)[index];
    if (std::isnan(value)) continue;
    writer.IdAndNumber(v1::KpiUpdate::kKpisFieldNumber, IdOf(kpi, update.group), PublishedValue(catalog, kpi, value));
  }
  for (const std::string& currency : update.missing_rates) {
    writer.Element(v1::KpiUpdate::kMissingRatesFieldNumber, currency);
  }
  for (uint16_t index : catalog.kpis()) {
    if (IsAfresh(update.cause)) break;
    const Definition& kpi = catalog.definitions()[index];
    if (!IsPublished(kpi, update.group) || !Differs(catalog, kpi, Before(update, index), (*update.after)[index])) {
      continue;
    }
    std::optional<double> from;
    if (const double before = Before(update, index); !std::isnan(before)) from = PublishedValue(catalog, kpi, before);
    writer.IdAndNumber(v1::KpiUpdate::kChangedFieldNumber, IdOf(kpi, update.group), from);
  }
  writer.Bytes(v1::KpiUpdate::kCatalogHashFieldNumber, catalog.hash());
  writer.Integer(v1::KpiUpdate::kSourcePartitionFieldNumber, update.source_partition);
  writer.Integer(v1::KpiUpdate::kSourceOffsetFieldNumber, update.source_offset);
  writer.Bytes(v1::KpiUpdate::kCorrelationIdFieldNumber, update.correlation_id);
  if (update.group) writer.Bytes(v1::KpiUpdate::kGroupIdFieldNumber, update.id);
  writer.Integer(v1::KpiUpdate::kAccountsFieldNumber, update.accounts);
  writer.Integer(v1::KpiUpdate::kCauseFieldNumber, update.cause);
  writer.Bytes(v1::KpiUpdate::kCauseEventFieldNumber, update.cause_event);
  AppendTimestamp(update.recorded_at_ms, writer);
  if (update.attributes != nullptr) AppendAttributes(*update.attributes, update.customer, writer);
  if (update.group) AppendGroup(update.id, writer);
}

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // Cannot fail: the strings in a message are valid UTF-8, they passed the decoder.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

// What stands before the message: which one of the schema's it is, too, as a list of indexes (messages in messages)
// with its length before it. Integers are zigzag; [0] is written as 0 alone.
std::string ConfluentFrame(uint32_t schema_id, const google::protobuf::Descriptor& message) {
  std::string bytes(1, kConfluentMagic);
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(schema_id >> shift));
  const auto index = static_cast<uint64_t>(message.index());
  if (index != 0) AppendVarint(bytes, 2 * 1);
  AppendVarint(bytes, 2 * index);
  return bytes;
}

}  // namespace

bool ValuesChanged(const Catalog& catalog, const Update& update) {
  for (uint16_t index : catalog.kpis()) {
    const Definition& kpi = catalog.definitions()[index];
    if (!IsPublished(kpi, update.group)) continue;
    if (Differs(catalog, kpi, Before(update, index), (*update.after)[index])) return true;
  }
  return false;
}

v1::KpiUpdate MakeUpdate(const EvaluationDay& evaluation, const Update& update) {
  std::string bytes;
  AppendProtobuf(evaluation, update, bytes);
  v1::KpiUpdate message;
  message.ParseFromString(bytes);
  return message;
}

std::string UpdateFormat::Encode(const EvaluationDay& evaluation, const Update& update) const {
  std::string bytes;
  switch (encoding_) {
    case Encoding::kProtobuf:
      AppendProtobuf(evaluation, update, bytes);
      break;
    case Encoding::kJson:
      bytes = Json(MakeUpdate(evaluation, update));
      break;
    case Encoding::kConfluent:
      bytes = ConfluentFrame(schema_id_, *v1::KpiUpdate::descriptor());
      AppendProtobuf(evaluation, update, bytes);
      break;
  }
  return bytes;
}

std::string UpdateFormat::Encode(const v1::KpiAlert& alert) const {
  switch (encoding_) {
    case Encoding::kProtobuf:
      return alert.SerializeAsString();
    case Encoding::kJson:
      return Json(alert);
    case Encoding::kConfluent:
      return ConfluentFrame(alert_schema_id_, *v1::KpiAlert::descriptor()) + alert.SerializeAsString();
  }
  return "";  // not reached: the cases are all there are
}

}  // namespace keyfold
