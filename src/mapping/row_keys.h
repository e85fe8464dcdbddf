// What rows are brought together and ordered by, as bytes.
#ifndef KEYFOLD_MAPPING_ROW_KEYS_H_
#define KEYFOLD_MAPPING_ROW_KEYS_H_

#include <string>
#include <string_view>

#include "expression/value.h"

namespace keyfold {

// Appends a part of a key; where there are several (`escape`), so that parts with a colon between them cannot be
// mistaken for others.
void AppendKeyPart(std::string_view part, bool escape, std::string& key);

// Appends bytes that compare as the values do; nothing comes first.
void AppendOrder(const Value& value, ValueType type, std::string& order);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPING_ROW_KEYS_H_
