#include "rows/row_order.h"

#include <algorithm>
#include <utility>

namespace keyfold {

bool ComesBefore(const SortPlace& a, const SortPlace& b, bool descending) {
  if (a.undefined() || b.undefined()) {
    if (a.undefined() != b.undefined()) return b.undefined();
    return a.id < b.id;
  }
  if (descending) return ComesBefore(b, a, false);
  if (a.value != b.value) return a.value < b.value;
  return std::tie(a.name, a.id) < std::tie(b.name, b.id);
}

RowOrder::RowOrder(const RowTable& rows, SortBy by)
    : rows_(rows), by_(std::move(by)), defined_(Less{this}), undefined_(Less{this}) {}

SortPlace RowOrder::PlaceOf(RowNumber number) const {
  const Row& row = rows_.row(number);
  return {by_.kind == SortBy::Kind::kKpi ? ValueOf(number) : 0,
          by_.kind == SortBy::Kind::kName ? row.name() : std::string_view(), row.id()};
}

void RowOrder::Note(RowNumber number, double value) {
  if (by_.kind != SortBy::Kind::kKpi) return;
  if (number >= values_.size()) values_.resize(std::max(rows_.row_numbers_end(), size_t{number} + 1), kNoValue);
  values_[number] = value;
}

void RowOrder::Insert(RowNumber number, double value) {
  Note(number, value);
  (PlaceOf(number).undefined() ? undefined_ : defined_).insert(number);
}

void RowOrder::Erase(RowNumber number) {
  (PlaceOf(number).undefined() ? undefined_ : defined_).erase(number);
  Note(number, kNoValue);
}

// What is compared stands beside the numbers: looking at a row for each comparison would take most of the time.
std::vector<RowNumber> RowOrder::SortedById() const {
  std::vector<std::pair<std::string_view, RowNumber>> ids;
  ids.reserve(static_cast<size_t>(rows_.count(by_.topic)));
  for (RowNumber number = 0; number < rows_.row_numbers_end(); ++number) {
    const Row& row = rows_.row(number);
    if (row.topic == by_.topic && !row.gone) ids.emplace_back(row.id(), number);
  }
  std::sort(ids.begin(), ids.end());
  std::vector<RowNumber> numbers;
  numbers.reserve(ids.size());
  for (const auto& [id, number] : ids) numbers.push_back(number);
  return numbers;
}

std::vector<RowNumber> RowOrder::SortedBy(const RowOrder& by_id) const {
  std::vector<std::pair<SortPlace, RowNumber>> places;
  places.reserve(by_id.defined_.size());
  for (RowNumber number : by_id.defined_) places.emplace_back(PlaceOf(number), number);
  std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
    if (a.first.undefined() || b.first.undefined()) return !a.first.undefined() && b.first.undefined();
    return a.first.value != b.first.value ? a.first.value < b.first.value : a.first.name < b.first.name;
  });
  std::vector<RowNumber> numbers;
  numbers.reserve(places.size());
  for (const auto& [place, number] : places) numbers.push_back(number);
  return numbers;
}

void RowOrder::Fill(const RowOrder* by_id) {
  for (RowNumber number : by_id == nullptr ? SortedById() : SortedBy(*by_id)) {
    Rows& rows = PlaceOf(number).undefined() ? undefined_ : defined_;
    rows.insert(rows.end(), number);
  }
}

void RowOrder::VisitAfter(const std::optional<SortPlace>& place, bool descending,
                          absl::FunctionRef<bool(RowNumber number)> visit) const {
  const bool in_undefined = place.has_value() && place->undefined();
  if (!in_undefined && descending) {
    auto at = place.has_value() ? defined_.lower_bound(*place) : defined_.end();
    while (at != defined_.begin()) {
      if (!visit(*--at)) return;
    }
  } else if (!in_undefined) {
    for (auto at = place.has_value() ? defined_.upper_bound(*place) : defined_.begin(); at != defined_.end(); ++at) {
      if (!visit(*at)) return;
    }
  }
  for (auto at = in_undefined ? undefined_.upper_bound(*place) : undefined_.begin(); at != undefined_.end(); ++at) {
    if (!visit(*at)) return;
  }
}

}  // namespace keyfold
