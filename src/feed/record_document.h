// What a record of another program says, as JSON that a mapping sees.
#ifndef KEYFOLD_FEED_RECORD_DOCUMENT_H_
#define KEYFOLD_FEED_RECORD_DOCUMENT_H_

#include <variant>

#include "event/change_record.h"
#include "event/exact_json.h"
#include "event/rejection.h"
#include "keyfold/record.h"

namespace keyfold {

// A document, or a list of them; or the row of a change: as it is now, of a deletion as it was (or its key, if the
// database does not tell more), and beside its columns, as Debezium's own flattening names them, `__op` (c, u, d, r),
// `__deleted` (true, false), `__table`, `__source.X`, and `__before.X` of an update: the row before.
struct RecordDocument {
  JsonValue json;
  bool deleted = false;  // the row is gone
};

using DecodedDocument = std::variant<RecordDocument, RowTombstone, Rejection>;

// Pure, thread-safe.
DecodedDocument DecodeDocument(const Record& record);

}  // namespace keyfold

#endif  // KEYFOLD_FEED_RECORD_DOCUMENT_H_
