// What becomes of a record that is rejected: a letter with its bytes and the reason, cut where it is too large.
#ifndef KEYFOLD_ENGINE_DEAD_LETTER_H_
#define KEYFOLD_ENGINE_DEAD_LETTER_H_

#include <cstddef>
#include <string>

#include "event/decoder.h"
#include "keyfold/record.h"
#include "keyfold/update_sink.h"

namespace keyfold {

// No letter is larger, however large its record was (a few kilobytes that are compressed can be hundreds of megabytes).
inline constexpr size_t kDeadLetterBytesMax = size_t{16} << 20;

// Every letter can be cut to so many bytes, as Kafka counts them.
inline constexpr size_t kDeadLetterBytesMin = 1'024;

// The record as it came, with headers behind its own that say why and where from: error.code, error.message,
// error.topic, error.partition, error.offset. Cut to kDeadLetterBytesMax.
OutputRecord DeadLetterOf(const Record& record, const Rejection& rejection, const std::string& topic);

// Cuts a letter of DeadLetterOf() to `bytes_max` (at least kDeadLetterBytesMin), if it is larger: first the end of its
// value, then the record's own headers, then the ends of key and message. Headers say what the record was:
// error.original_size and error.original_xxh3 (XXH3, 64 bits, hexadecimal) of the whole value, and error.cut, the last,
// names what is not there in full. A letter that was cut before keeps what it says of the record.
void CutDeadLetter(size_t bytes_max, OutputRecord* letter);

// What a record takes in a batch of Kafka, at most.
size_t BytesOf(const OutputRecord& record);

}  // namespace keyfold

#endif  // KEYFOLD_ENGINE_DEAD_LETTER_H_
