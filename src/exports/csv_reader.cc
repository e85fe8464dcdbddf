#include "exports/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr size_t kCompactBytes = size_t{256} << 10;
constexpr size_t kHeaderBytesMax = size_t{64} << 10;  // looked at for the delimiter

// Where the first line that ends outside quotes does; npos: there is none.
size_t EndOfFirst(std::string_view text) {
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == '\n' && !quoted) return at;
  }
  return std::string_view::npos;
}

}  // namespace

char DetectDelimiter(std::string_view text) {
  constexpr std::string_view kCandidates = ",;\t|";
  size_t counts[kCandidates.size()] = {};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == '\n' && !quoted) break;
    const size_t candidate = kCandidates.find(c);
    if (!quoted && candidate != std::string_view::npos) ++counts[candidate];
  }
  const auto most = static_cast<size_t>(std::max_element(std::begin(counts), std::end(counts)) - std::begin(counts));
  return kCandidates[most];
}

absl::StatusOr<bool> CsvReader::Fill() {
  if (at_end_) return false;
  if (begin_ >= kCompactBytes) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  KEYFOLD_ASSIGN_OR_RETURN(const bool more, read_(buffer_));
  at_end_ = !more;
  return more;
}

// Reads until there is a line that ends outside quotes, the end, or too much for one.
absl::Status CsvReader::FillLine() {
  bool more = true;
  while (more && EndOfFirst(std::string_view(buffer_).substr(begin_)) == std::string_view::npos &&
         buffer_.size() - begin_ <= kHeaderBytesMax) {
    KEYFOLD_ASSIGN_OR_RETURN(more, Fill());
  }
  return absl::OkStatus();
}

absl::Status CsvReader::SkipLine() {
  if (begin_ == buffer_.size() && at_end_) return absl::OkStatus();
  ++next_line_;
  while (true) {
    const size_t end = buffer_.find('\n', begin_);
    begin_ = end == std::string::npos ? buffer_.size() : end + 1;
    if (end != std::string::npos) return absl::OkStatus();
    KEYFOLD_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return absl::OkStatus();
  }
}

absl::Status CsvReader::SetDelimiter(char delimiter) {
  KEYFOLD_RETURN_IF_ERROR(SkipBlankLines());
  KEYFOLD_RETURN_IF_ERROR(FillLine());
  const std::string_view first = std::string_view(buffer_).substr(begin_);
  std::string_view line = first.substr(0, first.find('\n'));
  while (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() == 5 && line.starts_with("sep=")) {
    delimiter_ = delimiter == '\0' ? line[4] : delimiter;
    return SkipLine();
  }
  const bool ends = EndOfFirst(first) != std::string_view::npos;
  delimiter_ = delimiter == '\0' ? DetectDelimiter(ends ? first : line) : delimiter;
  return absl::OkStatus();
}

absl::Status CsvReader::SkipBlankLines() {
  while (true) {
    if (begin_ == buffer_.size()) {
      KEYFOLD_ASSIGN_OR_RETURN(const bool more, Fill());
      if (!more) return absl::OkStatus();
      continue;
    }
    if (buffer_[begin_] == '\n') {
      ++begin_;
      ++next_line_;
    } else if (buffer_[begin_] == '\r') {
      ++begin_;
    } else {
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<CsvReader::Outcome> CsvReader::Next(std::vector<std::string_view>& cells) {
  KEYFOLD_RETURN_IF_ERROR(SkipBlankLines());
  if (begin_ == buffer_.size()) return Outcome::kEnd;
  line_ = next_line_;
  Parsed parsed = Parse(cells);
  while (parsed == Parsed::kMore) {
    KEYFOLD_RETURN_IF_ERROR(Fill().status());
    parsed = Parse(cells);
  }
  if (parsed == Parsed::kRecord) {
    const bool fits = width_ == 0 || cells.size() == width_;
    if (fits || !LinesAreRecords()) {
      damage_ = fits ? "" : "has another number of cells than the header";
      next_line_ += std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                               buffer_.begin() + static_cast<std::ptrdiff_t>(end_), '\n');
      begin_ = end_;
      return fits ? Outcome::kRecord : Outcome::kDamaged;
    }
    damage_ = "has a quote that ends in a later line";
  }
  cells.clear();
  KEYFOLD_RETURN_IF_ERROR(SkipLine());
  return Outcome::kDamaged;
}

// Whether the lines of the record that was parsed, but for its first one, are records by themselves. Leaves begin_ and
// end_ as they are.
bool CsvReader::LinesAreRecords() {
  const size_t begin = begin_;
  const size_t end = end_;
  std::vector<std::string_view> cells;
  bool are = false;
  begin_ = std::min(buffer_.find('\n', begin), end - 1) + 1;
  while (begin_ < end) {
    are = Parse(cells) == Parsed::kRecord && cells.size() == width_ && end_ <= end;
    if (!are) break;
    begin_ = end_;
  }
  begin_ = begin;
  end_ = end;
  return are;
}

CsvReader::Parsed CsvReader::Damaged(std::string reason) {
  damage_ = std::move(reason);
  return Parsed::kDamaged;
}

// From the quote on: the cell, and `at` behind it.
CsvReader::Parsed CsvReader::ParseQuoted(size_t& at, std::vector<std::string_view>& cells) {
  const size_t begin = at + 1;
  size_t from = begin;
  bool doubled = false;
  while (true) {
    const void* const found = std::memchr(buffer_.data() + from, '"', buffer_.size() - from);
    if (found == nullptr) {
      const bool long_enough = buffer_.size() - begin_ > kRecordBytesMax;
      return at_end_ || long_enough ? Damaged("has a quote that does not end") : Parsed::kMore;
    }
    const auto quote = static_cast<size_t>(static_cast<const char*>(found) - buffer_.data());
    if (quote - begin_ > kRecordBytesMax) return Damaged("has a quote that does not end");
    if (quote + 1 == buffer_.size() && !at_end_) return Parsed::kMore;
    if (quote + 1 < buffer_.size() && buffer_[quote + 1] == '"') {
      doubled = true;
      from = quote + 2;
      continue;
    }
    at = quote + 1;
    const std::string_view raw(buffer_.data() + begin, quote - begin);
    if (!doubled) {
      cells.push_back(raw);
      return Parsed::kRecord;
    }
    std::string text;
    text.reserve(raw.size());
    for (size_t i = 0; i < raw.size(); ++i) {
      text.push_back(raw[i]);
      if (raw[i] == '"') ++i;
    }
    // A cell's text must not move when there are more of them.
    if (unquoted_.size() == unquoted_.capacity()) return Damaged("has too many cells with quotes");
    cells.push_back(unquoted_.emplace_back(std::move(text)));
    return Parsed::kRecord;
  }
}

CsvReader::Parsed CsvReader::Parse(std::vector<std::string_view>& cells) {
  constexpr size_t kQuotedCellsMax = 4096;
  cells.clear();
  unquoted_.clear();
  unquoted_.reserve(kQuotedCellsMax);
  size_t at = begin_;
  while (true) {
    if (at < buffer_.size() && buffer_[at] == '"') {
      const Parsed parsed = ParseQuoted(at, cells);
      if (parsed != Parsed::kRecord) return parsed;
    } else {
      const size_t begin = at;
      while (at < buffer_.size() && buffer_[at] != delimiter_ && buffer_[at] != '\n') ++at;
      size_t end = at;
      if (end > begin && buffer_[end - 1] == '\r' && (at == buffer_.size() || buffer_[at] == '\n')) --end;
      cells.emplace_back(buffer_.data() + begin, end - begin);
    }
    if (at - begin_ > kRecordBytesMax) return Damaged("is longer than 1 MiB");
    if (at < buffer_.size() && buffer_[at] == '\r' && at + 1 < buffer_.size() && buffer_[at + 1] == '\n') ++at;
    if (at == buffer_.size() && !at_end_) return Parsed::kMore;
    if (at == buffer_.size() || buffer_[at] == '\n') break;
    if (buffer_[at] == '\r' && at + 1 == buffer_.size()) {
      if (!at_end_) return Parsed::kMore;
      ++at;
      break;
    }
    if (buffer_[at] != delimiter_) return Damaged("has text after a closing quote");
    ++at;
  }
  end_ = std::min(at + 1, buffer_.size());
  return Parsed::kRecord;
}

}  // namespace keyfold
