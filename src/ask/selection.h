// Which accounts deserve to be key accounts (docs/kpis.md, "selection_score"): all accounts ranked by their score,
// beside those that are designated.
#ifndef KEYFOLD_ASK_SELECTION_H_
#define KEYFOLD_ASK_SELECTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ask/projection_reader.h"
#include "base/calendar.h"

namespace keyfold {

// The score's three parts: what each is, and how many points it gives. NaN: the catalogue's score does not read it.
struct SelectionPart {
  double amount = 0;  // revenue of twelve months and potential a year: major units; importance: 0-100
  double points = 0;
};

struct SelectionRow {
  int64_t rank = 0;  // from 1, among all accounts whose score is defined; equal scores rank by account id
  std::string account_id;
  std::string name;
  std::string tier;  // empty: not designated
  std::string manager_id;
  bool is_customer = true;
  double score = 0;
  SelectionPart revenue;
  SelectionPart importance;
  SelectionPart potential;
  bool has_points = false;  // the parts' points make the score; a catalogue may have a score that is no sum of parts
};

struct Selection {
  int64_t ranked = 0;                           // accounts with a score
  std::vector<SelectionRow> designated_in_top;  // by rank, all three
  std::vector<SelectionRow> candidates;         // in the top, not designated
  std::vector<SelectionRow> designated_outside;
};

// The first `top` accounts by score at the day, and every designated one. Memory: these rows, and an id and a score per
// account. FailedPrecondition: the catalogue has no KPI selection_score.
absl::StatusOr<Selection> AskSelection(const ProjectionReader& reader, Day day, size_t top);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_SELECTION_H_
