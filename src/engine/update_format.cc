#include "engine/update_format.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <limits>
#include <vector>

namespace keyfold {
namespace {

constexpr char kConfluentMagic = 0;
constexpr char kFirstMessage = 0;  // message index [0], in its short form

// Map entries in the order of their keys, so that the same update has the same bytes.
void AppendDeterministic(const v1::KpiUpdate& update, std::string& bytes) {
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  update.SerializeToCodedStream(&coded);
}

}  // namespace

std::string UpdateFormat::Encode(const v1::KpiUpdate& update) const {
  std::string bytes;
  switch (encoding_) {
    case Encoding::kProtobuf:
      AppendDeterministic(update, bytes);
      break;
    case Encoding::kJson: {
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = true;
      options.always_print_primitive_fields = true;
      // Cannot fail: the strings in an update are valid UTF-8, they passed the decoder.
      (void)google::protobuf::util::MessageToJsonString(update, &bytes, options);
      break;
    }
    case Encoding::kConfluent:
      bytes.push_back(kConfluentMagic);
      for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(schema_id_ >> shift));
      bytes.push_back(kFirstMessage);
      AppendDeterministic(update, bytes);
      break;
  }
  return bytes;
}

v1::KpiUpdate MakeUpdate(const EvaluationDay& evaluation, const std::vector<double>* before,
                         const std::vector<double>& after, const std::vector<std::string>& missing_rates, bool group) {
  const Catalog& catalog = *evaluation.catalog;
  v1::KpiUpdate update;
  update.set_as_of(FormatDay(evaluation.day));
  update.set_catalog_hash(catalog.hash());
  update.mutable_missing_rates()->Add(missing_rates.begin(), missing_rates.end());
  for (uint16_t index : catalog.kpis()) {
    const Definition& kpi = catalog.definitions()[index];
    if (group && kpi.rollup == Definition::Rollup::kNone) continue;
    const std::string& id = group ? kpi.group_id : kpi.id;
    const double value = after[index];
    const double value_before = before == nullptr ? std::numeric_limits<double>::quiet_NaN() : (*before)[index];
    if (!std::isnan(value)) (*update.mutable_kpis())[id] = PublishedValue(catalog, kpi, value);
    if (value == value_before || (std::isnan(value) && std::isnan(value_before))) continue;
    v1::KpiChange* change = update.add_changed();
    change->set_id(id);
    if (!std::isnan(value_before)) change->set_from(PublishedValue(catalog, kpi, value_before));
  }
  return update;
}

}  // namespace keyfold
