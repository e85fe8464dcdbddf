// How updates look on the output topic.
#ifndef KEYFOLD_ENGINE_UPDATE_FORMAT_H_
#define KEYFOLD_ENGINE_UPDATE_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "keyfold/v1/kpi_update.pb.h"
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

// The update of an account or a group whose definitions now have these values: values, date, catalogue, missing rates,
// and what changed since `before`. Without `before` everything has changed, from nothing.
v1::KpiUpdate MakeUpdate(const EvaluationDay& evaluation, const std::vector<double>* before,
                         const std::vector<double>& after, const std::vector<std::string>& missing_rates,
                         bool group = false);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_UPDATE_FORMAT_H_
