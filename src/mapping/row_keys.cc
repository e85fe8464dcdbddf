#include "mapping/row_keys.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace keyfold {

void AppendKeyPart(std::string_view part, bool escape, std::string& key) {
  for (const char c : part) {
    if (escape && (c == ':' || c == '%')) {
      absl::StrAppend(&key, c == ':' ? "%3A" : "%25");
    } else {
      key.push_back(c);
    }
  }
}

void AppendOrder(const Value& value, ValueType type, std::string& order) {
  order.push_back(value.nothing ? '\0' : '\1');
  if (value.nothing) return;
  switch (type) {
    case ValueType::kNumber:
      order.append(value.number.SortKey());
      return;
    case ValueType::kTime: {
      const uint64_t biased = static_cast<uint64_t>(absl::ToUnixNanos(value.time)) + (uint64_t{1} << 63);
      for (int shift = 56; shift >= 0; shift -= 8) order.push_back(static_cast<char>(biased >> shift));
      return;
    }
    case ValueType::kTruth:
      order.push_back(value.truth ? '\1' : '\0');
      return;
    case ValueType::kText:
      order.append(value.text);
      order.push_back('\0');
  }
}

}  // namespace keyfold
