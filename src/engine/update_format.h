// How updates look on the output topic.
#ifndef KEYFOLD_ENGINE_UPDATE_FORMAT_H_
#define KEYFOLD_ENGINE_UPDATE_FORMAT_H_

#include <cstdint>
#include <string>

#include "keyfold/v1/kpi_update.pb.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation.h"

namespace keyfold {

// Immutable and thread-safe.
class UpdateFormat {
 public:
  enum class Encoding {
    kProtobuf,
    kJson,       // proto3 JSON with the field names of the .proto file
    kConfluent,  // 0x00, 4-byte schema id, message index 0, Protobuf
  };

  explicit UpdateFormat(Encoding encoding, uint32_t schema_id = 0) : encoding_(encoding), schema_id_(schema_id) {}

  std::string Encode(const v1::KpiUpdate& update) const;

 private:
  Encoding encoding_;
  uint32_t schema_id_;
};

// The update of an account whose components are now `after`: values, date, catalogue, missing rates, and what changed
// since `before`, which was evaluated at `before_day`. Without `before` everything has changed, from nothing.
v1::KpiUpdate MakeUpdate(const EvaluationDay& evaluation, const EvaluationDay* before_day,
                         const v1::StoredAccount* before, const ComponentValues& after);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_UPDATE_FORMAT_H_
