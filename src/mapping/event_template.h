// One event of a mapping: which expression fills which field.
#ifndef KEYFOLD_MAPPING_EVENT_TEMPLATE_H_
#define KEYFOLD_MAPPING_EVENT_TEMPLATE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/currency.h"
#include "expression/expression.h"
#include "google/protobuf/descriptor.h"
#include "keyfold/v1/account_event.pb.h"
#include "mapping/rounding.h"

namespace keyfold {

struct LinesTemplate;

// A field of a payload or of a line.
struct FieldTemplate {
  enum class Kind { kText, kDate, kMonth, kEnum, kInteger, kThousandths, kRatio, kMoney, kInstant, kTexts, kLines };

  const google::protobuf::FieldDescriptor* field = nullptr;
  Kind kind = Kind::kText;
  Expression value = Expression::OfText("");  // of kMoney the amount
  Currency currency;                          // of kMoney; none: the expression says it
  std::optional<Expression> currency_code;
  std::shared_ptr<const LinesTemplate> lines;  // of kLines
  std::string path;                            // "invoice_issued.lines.net"
};

struct LinesTemplate {
  std::optional<Expression> when;
  std::vector<FieldTemplate> fields;
};

struct EventTemplate {
  const google::protobuf::FieldDescriptor* payload = nullptr;
  std::string name;  // of the type: "invoice_issued"
  Expression at = Expression::OfText("");
  std::optional<Expression> account;    // where it is another one than the row's
  std::optional<Expression> id;         // what tells several events of this type of one key apart
  std::optional<Expression> revision;   // the event's; without it 0
  std::optional<Expression> retracted;  // where it holds, the event is withdrawn
  std::vector<FieldTemplate> fields;

  bool of_no_account() const;  // a rate
};

// What kind of field it is; nullopt: no mapping fills such a one.
std::optional<FieldTemplate::Kind> KindOf(const google::protobuf::FieldDescriptor& field);

// The type that the expression of a field has.
ValueType TypeOf(FieldTemplate::Kind kind);

// An event in the making: its amounts have no minor units yet.
struct MadeEvent {
  struct BadLine {
    size_t row;
    MappingProblem problem;
  };

  v1::AccountEvent event;
  std::vector<ExactAmount> amounts;
  std::vector<size_t> line_rows;   // the row of each line
  std::vector<BadLine> bad_lines;  // rows that are left out

  // Leaves out a line that is there.
  void DropLine(const google::protobuf::FieldDescriptor& payload, int line, MappingProblem problem);
};

// Fills the payload, occurred_at, revision and the account of an event; `account` is the one that the rows name. Lines
// that cannot be made are left out; one that is withdrawn has nothing but what names its entity. False: the problem is
// in the evaluation.
bool MakeEvent(const EventTemplate& event_template, const absl::TimeZone& zone, const std::string& account,
               Evaluation& evaluation, MadeEvent& made);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_EVENT_TEMPLATE_H_
