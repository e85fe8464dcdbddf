#include "exports/keyed_rows.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "base/varint.h"

namespace keyfold {
namespace {

// record  := text(order) { varint(size) cell } varint(line) varint(file)
// stored  := varint(columns) { varint(size) name } { varint(size) record }, with line and file 0
// text(t) := t with 00 01 for every 00, then 00 00

// The row of a record; nullopt: it is damaged.
std::optional<MappedRow> RowOf(std::string_view record, size_t cells) {
  MappedRow row;
  record.remove_prefix(EndOfSortedText(record));
  for (size_t i = 0; i < cells; ++i) {
    const std::optional<std::string_view> cell = TakeDelimited(record);
    if (!cell.has_value()) return std::nullopt;
    row.cells.push_back(*cell);
  }
  row.line = static_cast<int64_t>(TakeVarint(record).value_or(0));
  row.file = static_cast<int32_t>(TakeVarint(record).value_or(0));
  return row;
}

void AppendCells(const MappedRow& row, std::string& record) {
  for (const std::string_view cell : row.cells) {
    AppendVarint(record, cell.size());
    record.append(cell);
  }
}

void AppendPlace(int64_t line, int32_t file, std::string& record) {
  AppendVarint(record, static_cast<uint64_t>(line));
  AppendVarint(record, static_cast<uint64_t>(file));
}

// Without where the row stood: what makes two records the same.
std::string_view Content(std::string_view record, size_t cells) {
  std::string_view rest = record.substr(EndOfSortedText(record));
  for (size_t i = 0; i < cells; ++i) TakeDelimited(rest);
  return record.substr(0, record.size() - rest.size());
}

}  // namespace

void AppendSortedText(std::string_view text, std::string& record) {
  for (const char c : text) {
    record.push_back(c);
    if (c == '\0') record.push_back('\1');
  }
  record.append(2, '\0');
}

size_t EndOfSortedText(std::string_view bytes) {
  size_t at = 0;
  while (at + 1 < bytes.size() && (bytes[at] != '\0' || bytes[at + 1] != '\0')) at += bytes[at] == '\0' ? 2 : 1;
  return std::min(at + 2, bytes.size());
}

std::string UnescapedText(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    result.push_back(text[at]);
    if (text[at] == '\0') ++at;
  }
  return result;
}

void AppendSortedRow(std::string_view order, const MappedRow& row, std::string& record) {
  AppendSortedText(order, record);
  AppendCells(row, record);
  AppendPlace(row.line, row.file, record);
}

std::vector<MappedRow> KeyedRows::Rows() const {
  std::vector<MappedRow> rows;
  rows.reserve(records_.size());
  for (const std::string& record : records_) {
    std::optional<MappedRow> row = RowOf(record, cells_);
    KEYFOLD_CHECK(row.has_value());  // AppendSortedRow() has made it, or AddStored() has looked at it
    rows.push_back(*std::move(row));
  }
  return rows;
}

void KeyedRows::Begin(size_t cells) {
  cells_ = cells;
  records_.clear();
}

void KeyedRows::Add(std::string_view order, const MappedRow& row) {
  cells_ = row.cells.size();
  AppendSortedRow(order, row, records_.emplace_back());
}

void KeyedRows::Sort() { std::sort(records_.begin(), records_.end()); }

bool KeyedRows::AddStored(std::string_view stored, const std::vector<std::string>& columns) {
  const std::optional<uint64_t> count = TakeVarint(stored);
  std::vector<size_t> places;  // of each column of today among the stored ones
  std::vector<std::string_view> names;
  for (uint64_t i = 0; i < count.value_or(0); ++i) {
    const std::optional<std::string_view> name = TakeDelimited(stored);
    if (!name.has_value()) return false;
    names.push_back(*name);
  }
  for (const std::string& column : columns) {
    places.push_back(static_cast<size_t>(std::find(names.begin(), names.end(), column) - names.begin()));
  }
  while (!stored.empty()) {
    const std::optional<std::string_view> record = TakeDelimited(stored);
    const std::optional<MappedRow> row = record.has_value() ? RowOf(*record, names.size()) : std::nullopt;
    if (!row.has_value()) return false;
    MappedRow now;
    for (const size_t place : places)
      now.cells.push_back(place < names.size() ? row->cells[place] : std::string_view());
    std::string& added = records_.emplace_back(record->substr(0, EndOfSortedText(*record)));
    AppendCells(now, added);
    AppendPlace(0, 0, added);
  }
  Sort();
  const auto same = [this](const std::string& a, const std::string& b) {
    return Content(a, cells_) == Content(b, cells_);
  };
  records_.erase(std::unique(records_.begin(), records_.end(), same), records_.end());
  return true;
}

std::string KeyedRows::ToStored(const std::vector<std::string>& columns) const {
  std::string stored;
  AppendVarint(stored, columns.size());
  for (const std::string& column : columns) {
    AppendVarint(stored, column.size());
    stored.append(column);
  }
  for (const std::string& record : records_) {
    std::string kept(Content(record, cells_));
    AppendPlace(0, 0, kept);
    AppendVarint(stored, kept.size());
    stored.append(kept);
  }
  return stored;
}

}  // namespace keyfold
