#include "exports/row_reader.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "exports/csv_reader.h"
#include "exports/export_file.h"
#include "exports/json_rows.h"
#include "exports/text_source.h"

namespace keyfold {
namespace {

// The first of them: "a | b | c | ...".
std::string Shortened(const std::vector<std::string_view>& names) {
  constexpr size_t kNamesMax = 12;
  const size_t count = std::min(names.size(), kNamesMax);
  std::string text;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "" : " | ", std::string(names[i].substr(0, 40)));
  return count < names.size() ? text + " | ..." : text;
}

// The members of all files, one after the other, as text.
class Members {
 public:
  Members(std::vector<std::string> files, std::string encoding)
      : files_(std::move(files)), encoding_(std::move(encoding)) {}

  // Goes on to the next one; false: there are no more.
  absl::StatusOr<bool> Next() {
    while (true) {
      if (file_ == nullptr) {
        if (next_ == files_.size()) return false;
        KEYFOLD_ASSIGN_OR_RETURN(file_, ExportFile::Open(files_[next_++]));
      }
      KEYFOLD_ASSIGN_OR_RETURN(std::optional<std::string> member, file_->NextMember());
      if (member.has_value()) {
        names_.push_back(*std::move(member));
        text_ = std::make_unique<TextSource>([this] { return file_->Read(); }, encoding_);
        return true;
      }
      bytes_before_ += file_->bytes_read();
      file_ = nullptr;
    }
  }

  absl::StatusOr<bool> Append(std::string& text) { return text_->Append(text); }

  int64_t bytes_read() const { return bytes_before_ + (file_ == nullptr ? 0 : file_->bytes_read()); }
  const std::vector<std::string>& names() const { return names_; }
  int32_t number() const { return static_cast<int32_t>(names_.size()) - 1; }

 private:
  const std::vector<std::string> files_;
  const std::string encoding_;
  size_t next_ = 0;
  std::unique_ptr<ExportFile> file_;
  std::unique_ptr<TextSource> text_;
  std::vector<std::string> names_;
  int64_t bytes_before_ = 0;
};

class CsvRows final : public RowReader {
 public:
  CsvRows(const std::vector<std::string>& files, WantedRows wanted)
      : members_(files, wanted.format.encoding), wanted_(std::move(wanted)) {}

  absl::StatusOr<Outcome> Next(MappedRow& row, MappingProblem& problem) override {
    while (true) {
      if (csv_ == nullptr) {
        KEYFOLD_ASSIGN_OR_RETURN(const bool more, members_.Next());
        if (!more) return Outcome::kEnd;
        KEYFOLD_RETURN_IF_ERROR(Begin());
      }
      KEYFOLD_ASSIGN_OR_RETURN(const CsvReader::Outcome outcome, csv_->Next(cells_));
      if (outcome == CsvReader::Outcome::kEnd) {
        csv_ = nullptr;
        continue;
      }
      row.file = members_.number();
      row.line = csv_->line();
      const Outcome taken = cells_.empty() ? TakeNothing(row) : Take(row, problem);
      if (outcome == CsvReader::Outcome::kRecord) return taken;
      problem = {"the row", csv_->damage(), ""};
      return Outcome::kDamaged;
    }
  }

  int64_t bytes_read() const override { return members_.bytes_read(); }
  const std::vector<std::string>& files() const override { return members_.names(); }

 private:
  static constexpr size_t kAbsent = SIZE_MAX;

  absl::Status Begin() {
    csv_ = std::make_unique<CsvReader>([this](std::string& text) { return members_.Append(text); });
    for (int64_t line = 0; line < wanted_.format.skip_lines; ++line) KEYFOLD_RETURN_IF_ERROR(csv_->SkipLine());
    KEYFOLD_RETURN_IF_ERROR(csv_->SetDelimiter(wanted_.format.delimiter));
    std::vector<std::string> header = wanted_.format.header;
    if (header.empty()) {
      KEYFOLD_ASSIGN_OR_RETURN(const CsvReader::Outcome outcome, csv_->Next(cells_));
      if (outcome == CsvReader::Outcome::kEnd) return absl::OkStatus();
      if (outcome == CsvReader::Outcome::kDamaged) {
        return absl::InvalidArgumentError(
            absl::StrCat(members_.names().back(), ":", csv_->line(), ": the header ", csv_->damage()));
      }
      header.assign(cells_.begin(), cells_.end());
    }
    csv_->set_width(header.size());
    return Bind(header);
  }

  // Finds the place of every column in the file.
  absl::Status Bind(const std::vector<std::string>& header) {
    std::map<std::string_view, size_t> places;
    std::vector<std::string_view> names;
    for (size_t i = 0; i < header.size(); ++i) {
      const std::string_view name = Trimmed(header[i]);
      names.push_back(name);
      const auto [place, is_new] = places.emplace(name, i);
      if (!is_new) place->second = kAbsent;  // which of them would be meant?
    }
    places_.clear();
    for (const ColumnUse& column : wanted_.columns) {
      const auto found = places.find(column.name);
      if (found != places.end() && found->second == kAbsent) {
        return Refused(column, absl::StrCat("there are several columns '", column.name, "'"));
      }
      if (found == places.end() && !column.optional) {
        return Refused(column, absl::StrCat("there is no column '", column.name, "'"),
                       absl::StrCat(DidYouMean(column.name, names), "; its columns: ", Shortened(names)));
      }
      places_.push_back(found == places.end() ? kAbsent : found->second);
    }
    return absl::OkStatus();
  }

  absl::Status Refused(const ColumnUse& column, const std::string& what, const std::string& meant = {}) const {
    return absl::InvalidArgumentError(
        absl::StrCat(wanted_.mapping_file, ":", column.line, ": ", what, " in ", members_.names().back(), meant));
  }

  static Outcome TakeNothing(MappedRow& row) {
    row.cells.clear();
    return Outcome::kDamaged;
  }

  // Cells that a damaged record does not have are empty.
  Outcome Take(MappedRow& row, MappingProblem& problem) const {
    row.cells.clear();
    for (size_t i = 0; i < places_.size(); ++i) {
      const std::string_view cell = places_[i] < cells_.size() ? cells_[places_[i]] : std::string_view();
      if (!IsUtf8(cell)) {
        problem = {wanted_.columns[i].name, "is not UTF-8 (`encoding:` says what it is)", ""};
        return TakeNothing(row);
      }
      row.cells.push_back(cell);
    }
    row.cells.emplace_back();
    return Outcome::kRow;
  }

  Members members_;
  const WantedRows wanted_;
  std::unique_ptr<CsvReader> csv_;
  std::vector<std::string_view> cells_;
  std::vector<size_t> places_;
};

// JSON lines; or documents, where a member begins with one value that is not all of a line.
class JsonFileRows final : public RowReader {
 public:
  JsonFileRows(const std::vector<std::string>& files, WantedRows wanted)
      : members_(files, ""), wanted_(std::move(wanted)), rows_(wanted_.format, wanted_.columns) {}

  absl::StatusOr<Outcome> Next(MappedRow& row, MappingProblem& problem) override {
    while (true) {
      row.file = members_.number();
      const JsonRows::Outcome outcome = open_value_ ? rows_.Next(row, problem) : JsonRows::Outcome::kEnd;
      if (outcome != JsonRows::Outcome::kEnd) {
        if (!rows_.has_list()) row.line = line_;
        return outcome == JsonRows::Outcome::kRow ? Outcome::kRow : Outcome::kDamaged;
      }
      open_value_ = false;
      KEYFOLD_ASSIGN_OR_RETURN(const Read read, ReadValue());
      if (read == Read::kEnd) return Outcome::kEnd;
      open_value_ = read == Read::kValue;
      if (open_value_) continue;
      row.file = members_.number();
      row.line = line_;
      row.cells.clear();
      problem = {"the record", read == Read::kNoJson ? "is no JSON" : "has nothing at " + wanted_.format.records, ""};
      return Outcome::kDamaged;
    }
  }

  int64_t bytes_read() const override { return members_.bytes_read(); }
  const std::vector<std::string>& files() const override { return members_.names(); }

 private:
  enum class Read { kValue, kNoJson, kNothing, kEnd };  // kNothing: it has nothing where the records should be
  static constexpr size_t kDocumentBytesMax = size_t{1} << 30;

  // The next value of the text: a line, or all of a member.
  absl::StatusOr<Read> ReadValue() {
    while (true) {
      if (!open_) {
        KEYFOLD_ASSIGN_OR_RETURN(const bool more, members_.Next());
        if (!more) return Read::kEnd;
        open_ = true;
        in_lines_ = false;
        at_end_ = false;
        next_line_ = 1;
        text_.clear();
        begin_ = 0;
      }
      KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string_view> line, ReadLine());
      if (!line.has_value()) {
        open_ = false;
        continue;
      }
      if (line->find_first_not_of(" \t\r") == std::string_view::npos) continue;
      std::optional<JsonValue> value = ParseExactJson(*line);
      if (!value.has_value() && !in_lines_) return ReadDocument();
      in_lines_ = true;
      return value.has_value() ? Open(*std::move(value)) : Read::kNoJson;
    }
  }

  Read Open(JsonValue value) { return rows_.Open(std::move(value)) ? Read::kValue : Read::kNothing; }

  // What began with the line that was read last goes to the end of the member.
  absl::StatusOr<Read> ReadDocument() {
    bool more = !at_end_;
    while (more) {
      KEYFOLD_ASSIGN_OR_RETURN(more, members_.Append(text_));
      if (text_.size() > kDocumentBytesMax) {
        return absl::ResourceExhaustedError(
            absl::StrCat(members_.names().back(), " is a document of more than 1 GiB; as JSON lines it may be longer"));
      }
    }
    at_end_ = true;
    std::optional<JsonValue> value = ParseExactJson(std::string_view(text_).substr(line_begin_));
    if (!value.has_value()) {  // no document either: a damaged line, and others may follow
      in_lines_ = true;
      return Read::kNoJson;
    }
    text_.clear();
    begin_ = 0;
    return Open(*std::move(value));
  }

  absl::StatusOr<std::optional<std::string_view>> ReadLine() {
    size_t end = text_.find('\n', begin_);
    while (end == std::string::npos && !at_end_) {
      text_.erase(0, begin_);
      begin_ = 0;
      const size_t size = text_.size();
      KEYFOLD_ASSIGN_OR_RETURN(const bool more, members_.Append(text_));
      at_end_ = !more;
      end = text_.find('\n', size);
      if (text_.size() > kDocumentBytesMax) end = text_.size();
    }
    if (begin_ >= text_.size()) return std::optional<std::string_view>();
    line_ = next_line_++;
    line_begin_ = begin_;
    if (end == std::string::npos) end = text_.size();
    begin_ = std::min(end + 1, text_.size());
    return std::optional(std::string_view(text_).substr(line_begin_, end - line_begin_));
  }

  Members members_;
  const WantedRows wanted_;
  JsonRows rows_;
  bool open_value_ = false;  // rows_ may have more
  bool open_ = false;
  bool in_lines_ = false;
  bool at_end_ = false;
  std::string text_;
  size_t begin_ = 0;
  size_t line_begin_ = 0;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
};

}  // namespace

std::unique_ptr<RowReader> OpenRows(const std::vector<std::string>& files, WantedRows wanted) {
  if (wanted.format.type == SourceFormat::Type::kCsv) return std::make_unique<CsvRows>(files, std::move(wanted));
  return std::make_unique<JsonFileRows>(files, std::move(wanted));
}

int64_t BytesOfFiles(const std::vector<std::string>& files) {
  int64_t bytes = 0;
  for (const std::string& file : files) {
    std::error_code error;
    const uintmax_t size = std::filesystem::is_regular_file(file, error) ? std::filesystem::file_size(file, error) : 0;
    if (error || size == 0) return 0;
    bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

}  // namespace keyfold
