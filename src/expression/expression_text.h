// Reading an expression character by character: spaces, names, numbers. Private to expression/.
#ifndef KEYFOLD_EXPRESSION_EXPRESSION_TEXT_H_
#define KEYFOLD_EXPRESSION_EXPRESSION_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace keyfold {

class ExpressionText {
 public:
  explicit ExpressionText(std::string_view text) : text_(text) {}

  // "column 17: ..."
  absl::Status Error(const std::string& message) const;

  void SkipSpaces();

  // Takes a word or a sign, after spaces. A word ends where the name that it stands in ends: "order" is not "or".
  bool Take(std::string_view token);
  absl::Status Expect(std::string_view token);

  // Words with spaces between them are one name: nothing else can be meant. REQUIRES: it begins here.
  std::string_view TakeName();

  // Digits and points.
  std::string_view TakeNumber();

  // Takes so many bytes.
  std::string_view TakeBytes(size_t count);

  bool at_end() const { return at_ == text_.size(); }
  bool at_name() const;
  bool at_number() const;
  char next() const { return text_[at_]; }
  size_t at() const { return at_; }
  std::string_view rest() const { return text_.substr(at_); }

  // The text since `begin`, as messages quote it.
  std::string Since(size_t begin) const;

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_EXPRESSION_TEXT_H_
