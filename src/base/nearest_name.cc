#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>

namespace keyfold {
namespace {

constexpr size_t kNameBytesMax = 64;  // longer ones are no mistyped names

std::string Simplified(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c == '_' || c == '-') continue;
    letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return letters;
}

// The optimal string alignment distance, row by row
// (https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance).
size_t Edits(std::string_view from, std::string_view to) {
  std::vector<size_t> before_last(to.size() + 1);
  std::vector<size_t> last(to.size() + 1);
  std::vector<size_t> row(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t other = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + other});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[to.size()];
}

// How many edits are still a slip.
size_t EditsMax(size_t letters) { return letters < 3 ? 0 : std::max<size_t>(1, letters / 4); }

}  // namespace

std::string_view NearestName(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.size() > kNameBytesMax) return {};
  const std::string letters = Simplified(name);
  std::string_view nearest;
  size_t edits_min = 0;
  for (const std::string_view candidate : known) {
    const std::string others = Simplified(candidate);
    const size_t edits = Edits(letters, others);
    if (edits > EditsMax(std::max(letters.size(), others.size()))) continue;
    if (!nearest.empty() && edits >= edits_min) continue;
    nearest = candidate;
    edits_min = edits;
  }
  return nearest;
}

std::string DidYouMean(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view nearest = NearestName(name, known);
  return nearest.empty() ? "" : ", did you mean " + std::string(nearest) + "?";
}

std::string UnknownName(std::string_view what, std::string_view name, const std::vector<std::string_view>& known) {
  return "unknown " + std::string(what) + " '" + std::string(name) + "'" + DidYouMean(name, known);
}

}  // namespace keyfold
