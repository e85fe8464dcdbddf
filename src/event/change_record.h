// Records of change data capture: what Debezium (https://debezium.io/documentation/reference/stable/) and Kafka
// Connect's JsonConverter write of a database's rows. They are no account events; a mapping makes events of them.
//
//   record   := envelope | {"schema": schema, "payload": envelope}          the value, and likewise the key
//   envelope := {"before": row|null, "after": row|null, "op": op, "source": {…}, …}
//             | row                                                         a row alone: the connector sends no
//             envelope
//   op       := "c" created | "u" updated | "d" deleted | "r" read by a snapshot
//
// Where there is a schema, values are what it says they are: decimals, dates and times become texts in which nothing is
// lost. Nothing is guessed: what the schema leaves open is refused.
#ifndef KEYFOLD_EVENT_CHANGE_RECORD_H_
#define KEYFOLD_EVENT_CHANGE_RECORD_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "event/rejection.h"
#include "keyfold/record.h"

namespace keyfold {

// What happened to a row.
struct RowChange {
  enum class Op {
    kCreated,
    kUpdated,
    kDeleted,
    kRead,  // there it is, a snapshot says: created at an unknown time
    kRow,   // there it is, a connector without envelopes says
  };
  Op op = Op::kRow;

  // The row as a JSON object. Numbers are as they were written; with a schema, decimals are texts ("-12.30"), dates
  // YYYY-MM-DD, times of day HH:MM:SS[.fraction], both together YYYY-MM-DDTHH:MM:SS[.fraction], in no zone unless the
  // column has one. A column that is absent is not known: a value that the database did not tell is left out.
  std::optional<std::string> before;  // nullopt: there was none, or the database does not tell
  std::optional<std::string> after;   // nullopt: deleted

  std::string key;     // the record key, a JSON object; empty: it has none
  std::string table;   // "shop.public.orders": what the source names of database, schema and table
  std::string source;  // the envelope's source, a JSON object: the position in the database's log, as the connector
                       // names it; empty: it has none

  // Whether a schema came along. Without one, a text may be a decimal in Base64: who reads amounts from texts has to
  // know that the connector writes them so (decimal.handling.mode=string).
  bool has_schema = false;
};

// What follows a deletion, so that compaction forgets the key: it says nothing new.
struct RowTombstone {};

using DecodedChange = std::variant<RowChange, RowTombstone, Rejection>;

// Pure, thread-safe.
DecodedChange DecodeChange(const Record& record);

// What a record key names, as text: the key as it is; of a JSON text or number that; of a JSON object with one member,
// as connectors write the key of a row, its value. Rejected: what is empty, no text, or names several things.
std::variant<std::string, Rejection> DecodeKey(std::string_view key);

// Of a record that is no event: whether it is a change, for people: "a change 'u' of shop.orders: its topic needs a
// mapping"; empty: it is none.
std::string DescribeChange(std::string_view json);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_CHANGE_RECORD_H_
