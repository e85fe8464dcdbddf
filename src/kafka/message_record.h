// A message of librdkafka as a Record, without copying its payload.
#ifndef KEYFOLD_KAFKA_MESSAGE_RECORD_H_
#define KEYFOLD_KAFKA_MESSAGE_RECORD_H_

#include "kafka/handles.h"
#include "keyfold/record.h"

namespace keyfold {

// REQUIRES: the message is no error. The record owns it.
Record RecordOf(MessageHandle message);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_MESSAGE_RECORD_H_
