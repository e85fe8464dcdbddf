// Tables and numbers for people.
#ifndef KEYFOLD_REPORT_REPORT_H_
#define KEYFOLD_REPORT_REPORT_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/catalog.h"

namespace keyfold {

// The columns of a terminal that a text in UTF-8 takes; what is not UTF-8 takes one per byte.
size_t DisplayWidth(std::string_view text);

// A text as it may go to a terminal: control characters and those that turn the direction of writing become '?', and
// from `width_max` columns on an ellipsis stands.
std::string ForTerminal(std::string_view text, size_t width_max = 40);

// The same as a cell of a table: "-" where the text is empty.
std::string TextCell(std::string_view text);

// Money in whole units, ratios as percentages, flags as yes or no; "-" for undefined.
std::string FormatMoney(double value);
std::string FormatPercent(double ratio);
std::string FormatNumber(double value, int decimals);
std::string FormatFlag(double flag);
std::string FormatKpi(const Definition& kpi, double value);

// A change of a KPI, with its sign; of a ratio in percentage points.
std::string FormatChange(const Definition& kpi, double change);

// "better", "worse", or nothing where neither is or nothing changed.
std::string Judge(const Definition& kpi, double change);

// Aligned columns, two spaces between them. Not thread-safe.
class Table {
 public:
  enum class Align { kLeft, kRight };

  void AddColumn(std::string header, Align align) { columns_.push_back({std::move(header), align}); }

  // REQUIRES: a cell for every column. Cells are printed as they are: TextCell() what comes from outside.
  void AddRow(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Writes the headers and the rows; nothing where there are no rows.
  void Print(std::ostream& out) const;

 private:
  struct Column {
    std::string header;
    Align align;
  };

  void PrintRow(std::ostream& out, const std::vector<std::string>& cells, const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace keyfold

#endif  // KEYFOLD_REPORT_REPORT_H_
