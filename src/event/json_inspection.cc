#include "event/json_inspection.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/nearest_name.h"
#include "event/limits.h"
#include "event/rules.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::json;

constexpr size_t kNamesListedMax = 12;

bool IsTimestamp(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

bool IsInteger(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 || field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 || field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
}

const FieldDescriptor* FindField(const Descriptor& message, const std::string& name) {
  if (const FieldDescriptor* const field = message.FindFieldByName(name)) return field;
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

// Where no name is near, the names that there are, if they are few.
std::string NoSuchField(const Descriptor& message, const std::string& name) {
  std::vector<std::string_view> known;
  std::string names;
  for (int i = 0; i < message.field_count(); ++i) {
    known.emplace_back(message.field(i)->name());
    absl::StrAppend(&names, i == 0 ? "" : ", ", message.field(i)->name());
  }
  std::string meant = DidYouMean(name, known);
  if (meant.empty() && known.empty()) meant = ", there are none here";
  if (meant.empty() && known.size() <= kNamesListedMax) meant = absl::StrCat(", there are ", names);
  return "there is no such field" + meant;
}

// What is wrong with a text as the value of this field; empty: nothing that is seen here.
std::string CheckText(const FieldDescriptor& field, const std::string& text) {
  if (IsTimestamp(field)) {
    absl::Time ignored;
    if (absl::ParseTime(absl::RFC3339_full, text, &ignored, nullptr)) return "";
    return absl::StrCat(Quoted(text), " is not ", kTimestampForm);
  }
  if (field.message_type() != nullptr) return absl::StrCat("a text where an object is expected: ", Quoted(text));
  if (field.enum_type() != nullptr) {
    int number = 0;
    if (absl::SimpleAtoi(text, &number) || field.enum_type()->FindValueByName(text) != nullptr) return "";
    return UnknownEnumName(*field.enum_type(), text);
  }
  double number = 0;
  if (IsInteger(field) && !(absl::SimpleAtod(text, &number) && std::floor(number) == number)) {
    return absl::StrCat(Quoted(text), " is not an integer");
  }
  return "";
}

std::string CheckNumber(const FieldDescriptor& field, double number, const std::string& text) {
  if (IsTimestamp(field)) return absl::StrCat(text, " is not ", kTimestampForm);
  if (field.message_type() != nullptr) return absl::StrCat("a number where an object is expected: ", text);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return absl::StrCat("a number where a text is expected, in quotes: ", text);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    return absl::StrCat("a number where true or false is expected: ", text);
  }
  if (IsInteger(field) && std::floor(number) != number) return absl::StrCat(text, " is not an integer");
  return "";
}

// `element`: of a list's elements.
std::string ExpectedForm(const FieldDescriptor& field, bool element) {
  if (field.is_repeated() && !element) return "a list";
  if (IsTimestamp(field) || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return "a text";
  if (field.message_type() != nullptr) return "an object";
  if (field.enum_type() != nullptr) return "a name";
  return field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? "true or false" : "a number";
}

// Follows the text; a false ends the parsing.
class Inspector : public json::json_sax_t {
 public:
  explicit Inspector(size_t findings_max) : findings_max_(findings_max) {}

  std::vector<JsonFinding> TakeFindings() { return std::move(findings_); }

  bool key(string_t& name) override {
    field_ = nullptr;
    const Descriptor* const message = frames_.back().message;
    if (message == nullptr) return true;
    path_.resize(frames_.back().path_size);
    absl::StrAppend(&path_, path_.empty() ? "" : ".", Printable(name, kQuotedBytesMax));
    field_ = FindField(*message, name);
    return field_ != nullptr || Report(JsonFinding::Kind::kUnknownField, NoSuchField(*message, name));
  }

  bool start_object(std::size_t) override {
    EnterElement();
    const bool is_event = frames_.empty();
    const bool whole_list = IsWholeList();
    const FieldDescriptor* const field = std::exchange(field_, nullptr);
    const bool fits = field != nullptr && !whole_list && field->message_type() != nullptr && !IsTimestamp(*field);
    const Descriptor* const message = is_event ? v1::AccountEvent::descriptor()
                                      : fits   ? field->message_type()
                                               : nullptr;
    frames_.push_back({message, nullptr, path_.size()});
    return is_event || fits || field == nullptr || ReportForm("an object", ExpectedForm(*field, !whole_list));
  }
  bool end_object() override { return Leave(); }

  bool start_array(std::size_t) override {
    EnterElement();
    const bool is_event = frames_.empty();
    const bool fits = IsWholeList();
    const FieldDescriptor* const field = std::exchange(field_, nullptr);
    frames_.push_back({nullptr, fits ? field : nullptr, path_.size()});
    if (is_event) return ReportForm("a list", "an event, which is an object,");
    return fits || field == nullptr || ReportForm("a list", ExpectedForm(*field, /*element=*/true));
  }
  bool end_array() override { return Leave(); }

  bool string(string_t& text) override {
    return Value([&](const FieldDescriptor& field) { return CheckText(field, text); });
  }
  bool number_integer(number_integer_t number) override {
    return Number(static_cast<double>(number), absl::StrCat(number));
  }
  bool number_unsigned(number_unsigned_t number) override {
    return Number(static_cast<double>(number), absl::StrCat(number));
  }
  bool number_float(number_float_t number, const string_t& text) override {
    return Number(number, Printable(text, kQuotedBytesMax));
  }
  bool boolean(bool) override {
    return Value([](const FieldDescriptor& field) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return std::string();
      return absl::StrCat("true or false where ", ExpectedForm(field, /*element=*/true), " is expected");
    });
  }
  // The same as if the field were absent.
  bool null() override {
    EnterElement();
    field_ = nullptr;
    return !frames_.empty() || ReportForm("null", "an event, which is an object,");
  }
  bool binary(binary_t&) override { return false; }  // not in JSON
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  struct Frame {
    const Descriptor* message = nullptr;       // of an object; nullptr: what is inside of it is nobody's
    const FieldDescriptor* element = nullptr;  // of a list: whose elements these are
    size_t path_size = 0;
    int elements = 0;  // of a list, so far
  };

  // Where an element of a list begins, its index ends the path.
  void EnterElement() {
    if (frames_.empty() || frames_.back().element == nullptr) return;
    path_.resize(frames_.back().path_size);
    absl::StrAppend(&path_, "[", frames_.back().elements++, "]");
    field_ = frames_.back().element;
  }

  // Whether the value that begins is that of a repeated field: a list of its elements.
  bool IsWholeList() const { return field_ != nullptr && field_->is_repeated() && frames_.back().element == nullptr; }

  bool Leave() {
    frames_.pop_back();
    return true;
  }

  template <typename Check>
  bool Value(Check check) {
    if (frames_.empty()) return ReportForm("a single value", "an event, which is an object,");
    EnterElement();
    const bool whole_list = IsWholeList();
    const FieldDescriptor* const field = std::exchange(field_, nullptr);
    if (field == nullptr) return true;
    if (whole_list) return ReportForm("a single value", "a list");
    const std::string problem = check(*field);
    return problem.empty() || Report(JsonFinding::Kind::kUnreadable, problem);
  }

  bool Number(double number, const std::string& text) {
    return Value([&](const FieldDescriptor& field) { return CheckNumber(field, number, text); });
  }

  bool ReportForm(std::string_view form, std::string_view expected) {
    return Report(JsonFinding::Kind::kUnreadable,
                  absl::StrCat(std::string(form), " where ", std::string(expected), " is expected"));
  }

  // False when there are enough of them.
  bool Report(JsonFinding::Kind kind, std::string problem) {
    if (findings_.size() < findings_max_) findings_.push_back({kind, path_, std::move(problem)});
    return findings_.size() < findings_max_;
  }

  const size_t findings_max_;
  std::vector<JsonFinding> findings_;
  std::vector<Frame> frames_;
  std::string path_;
  const FieldDescriptor* field_ = nullptr;  // whose value comes next; nullptr: nobody's
};

}  // namespace

std::string ToString(const JsonFinding& finding) {
  return finding.path.empty() ? finding.problem : absl::StrCat(finding.path, ": ", finding.problem);
}

std::vector<JsonFinding> InspectJson(std::string_view json, size_t findings_max) {
  Inspector inspector(findings_max);
  nlohmann::json::sax_parse(json.begin(), json.end(), &inspector);
  return inspector.TakeFindings();
}

std::vector<JsonFinding> FindUnknownFields(std::string_view json, size_t findings_max) {
  Inspector inspector(std::numeric_limits<size_t>::max());
  if (nlohmann::json::sax_parse(json.begin(), json.end(), &inspector)) {
    std::vector<JsonFinding> findings = inspector.TakeFindings();
    std::erase_if(findings, [](const JsonFinding& one) { return one.kind != JsonFinding::Kind::kUnknownField; });
    if (findings.size() > findings_max) findings.resize(findings_max);
    return findings;
  }
  v1::AccountEvent event;  // where no unknown field is ignored
  const auto status = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &event);
  if (status.ok()) return {};
  return {{JsonFinding::Kind::kUnknownField, "", "a field that there is not, in what is no standard JSON"}};
}

}  // namespace keyfold
