#include "report/report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace keyfold {
namespace {

constexpr size_t kGap = 2;  // between columns

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 1;
  bool valid = true;
};

// The code point that a text begins with. REQUIRES: not empty.
CodePoint FirstOf(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {lead, 1, false};
  uint32_t value = lead & (0x7fU >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return {lead, 1, false};
    value = value << 6 | (next & 0x3fU);
  }
  return {value, bytes};
}

struct Range {
  uint32_t first;
  uint32_t last;
};

bool IsIn(uint32_t value, const Range* begin, const Range* end) {
  return std::any_of(begin, end, [value](const Range& range) { return range.first <= value && value <= range.last; });
}

size_t WidthOf(const CodePoint& point) {
  static constexpr Range kCombining[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
  static constexpr Range kWide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                    {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                    {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
  if (IsIn(point.value, std::begin(kCombining), std::end(kCombining))) return 0;
  return IsIn(point.value, std::begin(kWide), std::end(kWide)) ? 2 : 1;
}

bool MayBePrinted(const CodePoint& point) {
  static constexpr Range kForbidden[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
  return point.valid && !IsIn(point.value, std::begin(kForbidden), std::end(kForbidden));
}

// Rounded, without a sign on zero.
std::string Fixed(double value, int decimals, bool always_signed = false) {
  const double scale = std::pow(10, decimals);
  if (std::abs(std::round(value * scale)) == 0) value = 0;
  return always_signed && value != 0 ? absl::StrFormat("%+.*f", decimals, value)
                                     : absl::StrFormat("%.*f", decimals, value);
}

int DecimalsOf(const Definition& kpi) { return kpi.unit == "count" || kpi.unit == "flag" || kpi.is_money ? 0 : 1; }

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = FirstOf(text);
    width += WidthOf(point);
    text.remove_prefix(point.bytes);
  }
  return width;
}

std::string ForTerminal(std::string_view text, size_t width_max) {
  const bool cut = DisplayWidth(text) > width_max;
  std::string printable;
  size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = FirstOf(text);
    const bool allowed = MayBePrinted(point);
    width += allowed ? WidthOf(point) : 1;
    if (cut && width >= width_max) return printable + "…";
    printable += allowed ? std::string(text.substr(0, point.bytes)) : "?";
    text.remove_prefix(point.bytes);
  }
  return printable;
}

std::string TextCell(std::string_view text) { return text.empty() ? "-" : ForTerminal(text); }

std::string FormatMoney(double value) { return FormatNumber(value, 0); }

std::string FormatPercent(double ratio) { return std::isnan(ratio) ? "-" : Fixed(100 * ratio, 1) + "%"; }

std::string FormatNumber(double value, int decimals) { return std::isnan(value) ? "-" : Fixed(value, decimals); }

std::string FormatFlag(double flag) { return std::isnan(flag) ? "-" : flag != 0 ? "yes" : "no"; }

std::string FormatKpi(const Definition& kpi, double value) {
  if (kpi.unit == "flag") return FormatFlag(value);
  return kpi.unit == "ratio" ? FormatPercent(value) : FormatNumber(value, DecimalsOf(kpi));
}

std::string FormatChange(const Definition& kpi, double change) {
  if (std::isnan(change)) return "-";
  if (kpi.unit == "ratio") return Fixed(100 * change, 1, /*always_signed=*/true) + "pp";
  return Fixed(change, DecimalsOf(kpi), /*always_signed=*/true);
}

std::string Judge(const Definition& kpi, double change) {
  if (std::isnan(change) || change == 0 || kpi.better == Definition::Better::kNeither) return "";
  return (change > 0) == (kpi.better == Definition::Better::kHigher) ? "better" : "worse";
}

void Table::Print(std::ostream& out) const {
  if (rows_.empty()) return;
  std::vector<std::string> headers;
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    headers.push_back(columns_[i].header);
    widths.push_back(DisplayWidth(columns_[i].header));
    for (const std::vector<std::string>& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  PrintRow(out, headers, widths);
  for (const std::vector<std::string>& row : rows_) PrintRow(out, row, widths);
}

void Table::PrintRow(std::ostream& out, const std::vector<std::string>& cells,
                     const std::vector<size_t>& widths) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - DisplayWidth(cells[i]), ' ');
    if (i > 0) line.append(kGap, ' ');
    absl::StrAppend(&line, columns_[i].align == Align::kRight ? padding : "", cells[i],
                    columns_[i].align == Align::kLeft ? padding : "");
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace keyfold
