// What the verbs that read JSON lines say about those that they refuse.
#ifndef KEYFOLD_LINES_REJECTED_LINES_H_
#define KEYFOLD_LINES_REJECTED_LINES_H_

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "event/decoder.h"

namespace keyfold {

// Prints the first of each code on standard error, and writes all of them to the dead-letter file where there is one.
// Not thread-safe.
class RejectedLines {
 public:
  // Makes the dead-letter file anew, "-" is standard output; empty: there is none. First it checks the files that will
  // be read: the errors are those of CheckFiles(), and InvalidArgument where the dead letters would overwrite one.
  absl::Status Open(const std::string& dead_letters_file, const std::vector<std::string>& files);

  // Whether Add() needs the text of the line.
  bool has_dead_letters() const { return out_ != nullptr; }

  void Add(int64_t line, const Rejection& rejection, std::string_view text);

  // Of a line that is taken all the same: says which fields are ignored.
  void AddIgnored(int64_t line, const std::string& unknown_fields);

  // Says how many were not printed. An error if not all could be written.
  absl::Status Finish();

  // " (1 undecodable, 2 invalid)"; empty: none was rejected.
  std::string CountsByCode() const;

 private:
  // Counts one of this sort, and prints it if it is among the first.
  void Print(int64_t line, const std::string& sort, const std::string& message);

  std::string file_name_;
  std::ofstream file_;
  std::ostream* out_ = nullptr;
  std::map<std::string, int64_t> counts_;  // by code, and kIgnored
};

// What becomes of an event with fields that there are not: it is taken without them, as the stream does, or rejected.
enum class UnknownFields { kIgnored, kRejected };

// What the decoder says of the line. Where unknown fields are ignored, `rejected` says which; else they are a
// rejection, which the caller adds.
DecodedRecord DecodeLine(const Decoder& decoder, UnknownFields unknown_fields, int64_t number, std::string_view line,
                         RejectedLines& rejected);

}  // namespace keyfold

#endif  // KEYFOLD_LINES_REJECTED_LINES_H_
