// How updates look on the output topic.
#ifndef KEYFOLD_ENGINE_UPDATE_FORMAT_H_
#define KEYFOLD_ENGINE_UPDATE_FORMAT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keyfold/v1/kpi_update.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

// What is to be published of an account or a group. Refers to what somebody else keeps.
struct Update {
  std::string_view id;
  bool group = false;
  int64_t accounts = 0;                         // of a group: how many members it has
  const std::vector<double>* before = nullptr;  // values of the definitions; null: it was not published
  const std::vector<double>* after = nullptr;
  std::vector<std::string> missing_rates;
  int32_t source_partition = 0;
  int64_t source_offset = 0;
  std::string_view correlation_id;
};

// Whether a KPI that is published has another value.
bool ValuesChanged(const Catalog& catalog, const Update& update);

// The message: values, date, catalogue, missing rates, and what changed. Without `before` everything has changed, from
// nothing.
v1::KpiUpdate MakeUpdate(const EvaluationDay& evaluation, const Update& update);

// Immutable and thread-safe.
class UpdateFormat {
 public:
  enum class Encoding {
    kProtobuf,
    kJson,       // proto3 JSON with the field names of the .proto file
    kConfluent,  // 0x00, 4-byte schema id, message index 0, Protobuf
  };

  explicit UpdateFormat(Encoding encoding, uint32_t schema_id = 0) : encoding_(encoding), schema_id_(schema_id) {}

  // MakeUpdate() in this encoding. The same update has the same bytes: in Protobuf, values come in the order of their
  // ids.
  std::string Encode(const EvaluationDay& evaluation, const Update& update) const;

 private:
  Encoding encoding_;
  uint32_t schema_id_;
};

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_UPDATE_FORMAT_H_
