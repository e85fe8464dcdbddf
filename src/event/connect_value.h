// Values of Kafka Connect's JsonConverter, as the schema beside them says they are meant.
#ifndef KEYFOLD_EVENT_CONNECT_VALUE_H_
#define KEYFOLD_EVENT_CONNECT_VALUE_H_

#include <optional>
#include <string>
#include <string_view>

#include "event/exact_json.h"

namespace keyfold {

// Replaces decimals, dates and times by texts, at every depth (see RowChange), and leaves out the members of objects
// that the connector could not know. Returns what is wrong, "<path>: <problem>"; empty: nothing. `value` is of no use
// then.
std::string ApplySchema(const JsonValue& schema, JsonValue& value);

// Leaves out what the connector could not know, without a schema.
void DropUnavailable(JsonValue& value);

// A decimal as databases write it: the unscaled value as big-endian two's complement, and how many of its digits stand
// behind the point (before it: negative). nullopt: more than kDecimalBytesMax bytes, none, or a scale beyond
// kDecimalScaleMax.
std::optional<std::string> DecimalText(std::string_view unscaled, int scale);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_CONNECT_VALUE_H_
