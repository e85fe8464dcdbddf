// What events contribute, as text that a test can spell out: "bookings EUR +100 @ 2025-03-01".
#ifndef KEYFOLD_TESTS_SUPPORT_CONTRIBUTED_H_
#define KEYFOLD_TESTS_SUPPORT_CONTRIBUTED_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "account/entity.h"
#include "support/event_builder.h"

namespace keyfold {

inline Calendar CalendarOf(std::string_view time_zone) { return Calendar::Create(time_zone, 1).value(); }

// Pointers to the events, in sort order.
inline std::vector<const v1::AccountEvent*> InSortOrder(const std::vector<v1::AccountEvent>& events) {
  std::vector<const v1::AccountEvent*> sorted;
  for (const v1::AccountEvent& event : events) sorted.push_back(&event);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return SortsBefore(*a, *b); });
  return sorted;
}

inline std::string Describe(const Contribution& contribution) {
  const LedgerCell& cell = contribution.cell;
  std::string text(MeasureName(cell.measure));
  if (cell.measure == Measure::kResolutionHistogram) absl::StrAppend(&text, "[", cell.bin, "]");
  if (!cell.currency.is_none()) absl::StrAppend(&text, " ", cell.currency.code());
  absl::StrAppend(&text, contribution.amount > 0 ? " +" : " ", contribution.amount, " @ ", FormatDay(cell.day));
  return text;
}

// What an entity made of these events (in any order) contributes, in the order of measures.
inline std::vector<std::string> Contributed(EntityKind kind, const std::vector<v1::AccountEvent>& events,
                                            const std::vector<Mention>& mentions = {},
                                            std::string_view time_zone = "Europe/Berlin") {
  const std::vector<const v1::AccountEvent*> sorted = InSortOrder(events);
  std::vector<std::string> texts;
  for (const Contribution& contribution : Contribute(kind, {sorted, mentions}, CalendarOf(time_zone))) {
    texts.push_back(Describe(contribution));
  }
  return texts;
}

// Those of one measure, for tests of one column: "+1 @ 2025-03-01".
inline std::vector<std::string> Of(std::string_view measure, const std::vector<std::string>& contributed) {
  const std::string prefix = absl::StrCat(std::string(measure), " ");
  std::vector<std::string> texts;
  for (const std::string& text : contributed) {
    if (absl::StartsWith(text, prefix)) texts.push_back(text.substr(prefix.size()));
  }
  return texts;
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_CONTRIBUTED_H_
