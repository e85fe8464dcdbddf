// Running a verb of the command line within a test.
#ifndef KEYFOLD_TESTS_SUPPORT_RUN_VERB_H_
#define KEYFOLD_TESTS_SUPPORT_RUN_VERB_H_

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/verbs.h"

namespace keyfold {

struct VerbResult {
  int exit_status = 0;
  std::string out;
  std::string errors;
};

// Catches what is written to a stream while it lives.
class CapturedStream {
 public:
  explicit CapturedStream(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
  ~CapturedStream() { stream_.rdbuf(before_); }
  CapturedStream(const CapturedStream&) = delete;
  CapturedStream& operator=(const CapturedStream&) = delete;

  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* before_;
};

// What `keyfold ARGUMENTS...` does.
inline VerbResult RunVerb(std::vector<std::string> arguments) {
  const CapturedStream out(std::cout);
  const CapturedStream errors(std::cerr);
  VerbResult result;
  result.exit_status = RunCommandLine(std::move(arguments));
  result.out = out.text();
  result.errors = errors.text();
  return result;
}

// A file of the running test, gone with it.
class TestFile {
 public:
  explicit TestFile(const std::string& content = "")
      : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + "." +
              std::to_string(++count_)) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TestFile() { std::remove(path_.c_str()); }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;

  const std::string& path() const { return path_; }

  std::string Read() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
  }

 private:
  static inline int count_ = 0;
  std::string path_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_RUN_VERB_H_
