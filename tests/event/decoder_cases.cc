// decoder_cases EVENTS.jsonl EXPECTED-DEAD.jsonl: decodes each line and compares with what the second file expects:
// objects with the members `line` (from 1) and `code`. Conflicts are found behind the decoder, so they must decode, and
// undecodable and invalid count as equal. Prints the differences, and every message with -v; exits with 1 if any.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include "event/decoder.h"

namespace {

std::string Simplified(const std::string& code) { return code == "undecodable" ? "invalid" : code; }

std::map<int, std::string> ReadExpected(const char* path) {
  std::map<int, std::string> code_of_line;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    google::protobuf::Struct object;
    if (!google::protobuf::util::JsonStringToMessage(line, &object).ok()) continue;
    const std::string& code = object.fields().at("code").string_value();
    if (code != "conflict")
      code_of_line[static_cast<int>(object.fields().at("line").number_value())] = Simplified(code);
  }
  return code_of_line;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: decoder_cases EVENTS.jsonl EXPECTED-DEAD.jsonl [-v]\n";
    return 2;
  }
  const bool verbose = argc > 3 && std::string_view(argv[3]) == "-v";
  const std::map<int, std::string> expected = ReadExpected(argv[2]);
  const keyfold::Decoder decoder(*keyfold::Currency::Parse("EUR"));
  std::ifstream events(argv[1]);
  int number = 0;
  int differences = 0;
  for (std::string line; std::getline(events, line);) {
    const keyfold::DecodedRecord decoded = decoder.DecodeJsonLine(line);
    const auto* rejection = std::get_if<keyfold::Rejection>(&decoded);
    const auto found = expected.find(++number);
    const std::string want = found == expected.end() ? "" : found->second;
    const std::string got = rejection == nullptr ? "" : Simplified(std::string(RejectionCodeName(rejection->code)));
    if (verbose && rejection != nullptr) std::cout << number << ": " << got << " " << rejection->message << "\n";
    if (got == want) continue;
    ++differences;
    std::cout << "line " << number << ": expected '" << want << "', got '" << got << "'\n";
  }
  std::cout << number << " lines, " << expected.size() << " expected rejections, " << differences << " differences\n";
  return differences == 0 && number > 0 ? 0 : 1;
}
