// The formats that values are published in (publish.format).
#ifndef KEYFOLD_LIVE_PUBLISHED_VALUE_H_
#define KEYFOLD_LIVE_PUBLISHED_VALUE_H_

#include <string_view>

#include "google/protobuf/message.h"

namespace keyfold {

// Reads a record's value: Protobuf, Confluent's wire format around it, or JSON, told apart by the first byte. False: it
// is none of them, and the message holds anything.
bool ParsePublished(std::string_view value, google::protobuf::Message& message);

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_PUBLISHED_VALUE_H_
