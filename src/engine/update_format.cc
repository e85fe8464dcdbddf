#include "engine/update_format.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <limits>
#include <optional>

#include "engine/message_writer.h"

namespace keyfold {
namespace {

constexpr char kConfluentMagic = 0;
constexpr char kFirstMessage = 0;  // message index [0], in its short form
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

bool Differs(double before, double after) { return before != after && !(std::isnan(before) && std::isnan(after)); }

double Before(const Update& update, uint16_t index) {
  return update.before == nullptr ? kUndefined : (*update.before)[index];
}

const std::string& IdOf(const Definition& kpi, bool group) { return group ? kpi.group_id : kpi.id; }

bool IsPublished(const Definition& kpi, bool group) { return !group || kpi.rollup != Definition::Rollup::kNone; }

// About what the values of an update take, and what stands around them.
size_t ValuesSize(const Catalog& catalog, const Update& update) {
  constexpr size_t kAroundValue = 13;
  constexpr size_t kAroundUpdate = 200;
  size_t size = kAroundUpdate;
  for (uint16_t index : catalog.kpis()) {
    if (std::isnan((*update.after)[index])) continue;
    size += IdOf(catalog.definitions()[index], update.group).size() + kAroundValue;
  }
  return size;
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
    const Definition& kpi = catalog.definitions()[index];
    const double before = Before(update, index);
    if (!IsPublished(kpi, update.group) || !Differs(before, (*update.after)[index])) continue;
    std::optional<double> from;
    if (!std::isnan(before)) from = PublishedValue(catalog, kpi, before);
    writer.IdAndNumber(v1::KpiUpdate::kChangedFieldNumber, IdOf(kpi, update.group), from);
  }
  writer.Bytes(v1::KpiUpdate::kCatalogHashFieldNumber, catalog.hash());
  writer.Integer(v1::KpiUpdate::kSourcePartitionFieldNumber, update.source_partition);
  writer.Integer(v1::KpiUpdate::kSourceOffsetFieldNumber, update.source_offset);
  writer.Bytes(v1::KpiUpdate::kCorrelationIdFieldNumber, update.correlation_id);
  if (update.group) writer.Bytes(v1::KpiUpdate::kGroupIdFieldNumber, update.id);
  writer.Integer(v1::KpiUpdate::kAccountsFieldNumber, update.accounts);
}

}  // namespace

bool ValuesChanged(const Catalog& catalog, const Update& update) {
  for (uint16_t index : catalog.kpis()) {
    if (!IsPublished(catalog.definitions()[index], update.group)) continue;
    if (Differs(Before(update, index), (*update.after)[index])) return true;
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
    case Encoding::kJson: {
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = true;
      options.always_print_primitive_fields = true;
      // Cannot fail: the strings in an update are valid UTF-8, they passed the decoder.
      (void)google::protobuf::util::MessageToJsonString(MakeUpdate(evaluation, update), &bytes, options);
      break;
    }
    case Encoding::kConfluent:
      bytes.push_back(kConfluentMagic);
      for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(schema_id_ >> shift));
      bytes.push_back(kFirstMessage);
      AppendProtobuf(evaluation, update, bytes);
      break;
  }
  return bytes;
}

}  // namespace keyfold
