// How updates and alerts look on the output topics.
#ifndef KEYFOLD_FOLD_UPDATE_FORMAT_H_
#define KEYFOLD_FOLD_UPDATE_FORMAT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/entity.h"
#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

// What is to be published of an account or a group. Refers to what somebody else keeps.
struct Update {
  std::string_view id;
  bool group = false;
  int64_t accounts = 0;                         // of a group: how many members it has
  const std::vector<double>* before = nullptr;  // values of the definitions; null: it was not published, or is gone
  const std::vector<double>* after = nullptr;
  std::vector<std::string> missing_rates;
  int32_t source_partition = 0;
  int64_t source_offset = 0;
  std::string_view correlation_id;
  v1::KpiUpdate::Cause cause = v1::KpiUpdate::CAUSE_UNSPECIFIED;
  std::string_view cause_event;
  int64_t recorded_at_ms = 0;                     // 0: not known
  const AccountAttributes* attributes = nullptr;  // of an account, with the next
  bool customer = false;
};

// Whether a KPI that is published has another value.
bool ValuesChanged(const Catalog& catalog, const Update& update);

// The message: values, date, catalogue, missing rates, and what changed. Without `before` everything has changed, from
// nothing; where it is published afresh nothing is said to have.
v1::KpiUpdate MakeUpdate(const EvaluationDay& evaluation, const Update& update);

// Immutable and thread-safe.
class UpdateFormat {
 public:
  enum class Encoding {
    kProtobuf,
    kJson,       // proto3 JSON with the field names of the .proto file
    kConfluent,  // 0x00, 4-byte schema id, which message of the .proto file it is, Protobuf
  };

  // The schemas are the files of v1.KpiUpdate and v1.KpiAlert in proto/, by their ids: of kConfluent only.
  explicit UpdateFormat(Encoding encoding, uint32_t schema_id = 0, uint32_t alert_schema_id = 0)
      : encoding_(encoding), schema_id_(schema_id), alert_schema_id_(alert_schema_id) {}

  // MakeUpdate() in this encoding. The same update has the same bytes: in Protobuf, values come in the order of their
  // ids.
  std::string Encode(const EvaluationDay& evaluation, const Update& update) const;

  std::string Encode(const v1::KpiAlert& alert) const;

 private:
  Encoding encoding_;
  uint32_t schema_id_;
  uint32_t alert_schema_id_;
};

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_UPDATE_FORMAT_H_
