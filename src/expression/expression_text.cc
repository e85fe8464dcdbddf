#include "expression/expression_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }
bool IsNameStart(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalpha(byte) || c == '_' || byte >= 0x80;
}
bool IsNamePart(char c) { return IsNameStart(c) || absl::ascii_isdigit(c) || c == '.'; }

bool IsKeyword(std::string_view word) { return word == "and" || word == "or" || word == "not"; }

}  // namespace

absl::Status ExpressionText::Error(const std::string& message) const {
  return absl::InvalidArgumentError(absl::StrCat("column ", at_ + 1, ": ", message));
}

void ExpressionText::SkipSpaces() {
  while (!at_end() && IsSpace(next())) ++at_;
}

bool ExpressionText::Take(std::string_view token) {
  SkipSpaces();
  if (!rest().starts_with(token)) return false;
  const size_t end = at_ + token.size();
  if (IsNameStart(token[0]) && end < text_.size() && IsNamePart(text_[end])) return false;
  at_ = end;
  return true;
}

absl::Status ExpressionText::Expect(std::string_view token) {
  return Take(token) ? absl::OkStatus() : Error(absl::StrCat("expected '", std::string(token), "'"));
}

std::string_view ExpressionText::TakeName() {
  const size_t begin = at_;
  while (true) {
    while (!at_end() && IsNamePart(next())) ++at_;
    size_t word = at_;
    while (word < text_.size() && text_[word] == ' ') ++word;
    size_t end = word;
    while (end < text_.size() && IsNamePart(text_[end])) ++end;
    if (word == at_ || end == word || IsKeyword(text_.substr(word, end - word))) break;
    at_ = end;
  }
  return text_.substr(begin, at_ - begin);
}

std::string_view ExpressionText::TakeNumber() {
  size_t end = at_;
  while (end < text_.size() && (absl::ascii_isdigit(text_[end]) || text_[end] == '.')) ++end;
  return TakeBytes(end - at_);
}

std::string_view ExpressionText::TakeBytes(size_t count) {
  const std::string_view taken = text_.substr(at_, count);
  at_ += taken.size();
  return taken;
}

bool ExpressionText::at_name() const { return !at_end() && IsNameStart(next()); }

bool ExpressionText::at_number() const { return !at_end() && (absl::ascii_isdigit(next()) || next() == '.'); }

std::string ExpressionText::Since(size_t begin) const {
  while (begin < at_ && IsSpace(text_[begin])) ++begin;
  size_t end = at_;
  while (end > begin && IsSpace(text_[end - 1])) --end;
  return std::string(text_.substr(begin, end - begin));
}

}  // namespace keyfold
