// The rows of one key, in an order that does not depend on the one in which they came.
#ifndef KEYFOLD_EXPORTS_KEYED_ROWS_H_
#define KEYFOLD_EXPORTS_KEYED_ROWS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "expression/expression.h"

namespace keyfold {

// Appends a text so that records compare by their texts first; UnescapedText() takes it without its end.
void AppendSortedText(std::string_view text, std::string& record);
std::string UnescapedText(std::string_view text);

// The end of the text that begins the bytes.
size_t EndOfSortedText(std::string_view bytes);

// A row as bytes that compare by its order (PreparedRow::order), then by its cells.
void AppendSortedRow(std::string_view order, const MappedRow& row, std::string& record);

// Rows of one key by their order, then by their cells, so that the order in the file does not matter: what is kept of
// each is bytes that compare so.
class KeyedRows {
 public:
  // The rows; their cells live as long as this and until it is changed.
  std::vector<MappedRow> Rows() const;

  // Adds a row, in any order; all of them have as many cells. Sort() follows the last one.
  void Add(std::string_view order, const MappedRow& row);
  void Sort();

  // Of rows with so many cells: none, and then each as AppendSortedRow() made it, in their order.
  void Begin(size_t cells);
  void Append(std::string_view record) { records_.emplace_back(record); }

  // Adds rows that were stored before, with these columns, to those that were read with `columns`: what the stored ones
  // lack is empty. False: they are damaged.
  bool AddStored(std::string_view stored, const std::vector<std::string>& columns);

  // All of them, to be stored.
  std::string ToStored(const std::vector<std::string>& columns) const;

 private:
  size_t cells_ = 0;
  std::vector<std::string> records_;
};

}  // namespace keyfold

#endif  // KEYFOLD_EXPORTS_KEYED_ROWS_H_
