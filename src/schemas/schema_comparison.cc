#include "schemas/schema_comparison.h"

#include <set>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace keyfold {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

constexpr char kSourceName[] = "schema";

// Keeps the first error.
class FirstError : public google::protobuf::io::ErrorCollector, public DescriptorPool::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    Note(absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message));
  }
  void AddError(const std::string& /*file*/, const std::string& element,
                const google::protobuf::Message* /*descriptor*/,
                DescriptorPool::ErrorCollector::ErrorLocation /*location*/, const std::string& message) override {
    Note(absl::StrCat(element, ": ", message));
  }

  absl::Status status() const { return status_; }

 private:
  void Note(const std::string& what) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat("it is no .proto file: ", what));
  }

  absl::Status status_;
};

// Files in a pool of their own: the names of our messages are theirs, too.
class SourcePool {
 public:
  explicit SourcePool(const ProtoSource& source) : source_(source) {}

  absl::StatusOr<const FileDescriptor*> Build() { return Build(kSourceName, source_.text); }

 private:
  absl::StatusOr<const FileDescriptor*> Build(const std::string& name, const std::string& text) {
    FirstError errors;
    google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
    google::protobuf::io::Tokenizer tokens(&stream, &errors);
    google::protobuf::compiler::Parser parser;
    parser.RecordErrorsTo(&errors);
    FileDescriptorProto file;
    if (!parser.Parse(&tokens, &file)) {
      KEYFOLD_RETURN_IF_ERROR(errors.status());
      return absl::InvalidArgumentError("it is no .proto file");
    }
    file.set_name(name);
    begun_.insert(name);
    for (const std::string& import : file.dependency()) KEYFOLD_RETURN_IF_ERROR(Import(import));
    const FileDescriptor* const built = pool_.BuildFileCollectingErrors(file, &errors);
    if (built == nullptr) return errors.status();
    return built;
  }

  absl::Status Import(const std::string& name) {
    if (pool_.FindFileByName(name) != nullptr) return absl::OkStatus();
    if (begun_.contains(name)) return absl::InvalidArgumentError(absl::StrCat(name, " imports itself"));
    for (const auto& [imported, text] : source_.imports) {
      if (imported == name) return Build(name, text).status();
    }
    const FileDescriptor* const known =
        absl::StartsWith(name, "google/protobuf/") ? DescriptorPool::generated_pool()->FindFileByName(name) : nullptr;
    if (known == nullptr) return absl::InvalidArgumentError(absl::StrCat("it imports ", name, ", which is not there"));
    FileDescriptorProto file;
    known->CopyTo(&file);
    for (const std::string& import : file.dependency()) KEYFOLD_RETURN_IF_ERROR(Import(import));
    pool_.BuildFile(file);
    return absl::OkStatus();
  }

  const ProtoSource& source_;
  DescriptorPool pool_;
  std::set<std::string> begun_;
};

// Integers of 32 and 64 bits are written alike.
FieldDescriptor::Type WrittenAs(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_INT32:
      return FieldDescriptor::TYPE_INT64;
    case FieldDescriptor::TYPE_UINT32:
      return FieldDescriptor::TYPE_UINT64;
    case FieldDescriptor::TYPE_SINT32:
      return FieldDescriptor::TYPE_SINT64;
    default:
      return type;
  }
}

class Comparison {
 public:
  void Compare(const Descriptor& theirs, const Descriptor& ours) {
    if (!compared_.insert(ours.full_name()).second) return;
    for (int i = 0; i < theirs.field_count(); ++i) CompareField(*theirs.field(i), ours);
  }

  std::vector<SchemaDifference> Take() { return std::move(differences_); }

 private:
  void Note(bool fatal, std::string what) { differences_.push_back({fatal, std::move(what)}); }

  void CompareField(const FieldDescriptor& theirs, const Descriptor& message) {
    const std::string name = absl::StrCat(message.name(), ".", theirs.name());
    const FieldDescriptor* const ours = message.FindFieldByNumber(theirs.number());
    if (ours == nullptr) {
      const FieldDescriptor* const moved = message.FindFieldByName(theirs.name());
      if (moved == nullptr) return Note(false, absl::StrCat(name, " is not known here: it is left out"));
      return Note(true, absl::StrCat(name, " has the number ", theirs.number(), ", here ", moved->number()));
    }
    if (theirs.name() != ours->name()) {
      return Note(true, absl::StrCat(name, " has the number ", theirs.number(), ", which is ", ours->name(), " here"));
    }
    if (WrittenAs(theirs.type()) != WrittenAs(ours->type())) {
      return Note(true, absl::StrCat(name, " is ", theirs.type_name(), ", here ", ours->type_name()));
    }
    if (theirs.is_repeated() != ours->is_repeated()) {
      return Note(true, absl::StrCat(name, " is ", theirs.is_repeated() ? "" : "not ", "repeated, here it is",
                                     ours->is_repeated() ? "" : " not"));
    }
    if (theirs.message_type() != nullptr) Compare(*theirs.message_type(), *ours->message_type());
    if (theirs.enum_type() != nullptr) CompareEnum(*theirs.enum_type(), *ours->enum_type());
  }

  void CompareEnum(const EnumDescriptor& theirs, const EnumDescriptor& ours) {
    if (!compared_.insert(ours.full_name()).second) return;
    for (int i = 0; i < theirs.value_count(); ++i) {
      const auto& value = *theirs.value(i);
      const std::string name = absl::StrCat(ours.name(), " ", value.name());
      const auto* const known = ours.FindValueByNumber(value.number());
      if (known == nullptr) {
        Note(false, absl::StrCat(name, " is not known here: events with it are rejected"));
      } else if (known->name() != value.name()) {
        Note(true, absl::StrCat(name, " has the number ", value.number(), ", which is ", known->name(), " here"));
      }
    }
  }

  std::set<std::string> compared_;  // names of our messages and enums
  std::vector<SchemaDifference> differences_;
};

}  // namespace

absl::StatusOr<std::vector<SchemaDifference>> CompareSchema(const ProtoSource& source, const Descriptor& message,
                                                            bool by_index) {
  SourcePool pool(source);
  KEYFOLD_ASSIGN_OR_RETURN(const FileDescriptor* const file, pool.Build());
  const Descriptor* const theirs = file->pool()->FindMessageTypeByName(message.full_name());
  if (theirs == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("it has no message ", message.full_name()));
  }
  Comparison comparison;
  comparison.Compare(*theirs, message);
  std::vector<SchemaDifference> differences = comparison.Take();
  if (by_index && (theirs->file() != file || theirs->index() != message.index())) {
    differences.push_back({true, absl::StrCat(message.name(), " is not its message ", message.index() + 1)});
  }
  return differences;
}

}  // namespace keyfold
