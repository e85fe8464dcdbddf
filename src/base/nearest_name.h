// Which of the known names was meant by one that is not known: for messages about mistyped names.
#ifndef KEYFOLD_BASE_NEAREST_NAME_H_
#define KEYFOLD_BASE_NEAREST_NAME_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace keyfold {

// The known name with the fewest edits (a letter more, less or another, two neighbours swapped) to `name`, regardless
// of case, '_' and '-'; of several the first. Empty where none is near: more than a quarter of the letters are others.
// (Of names of three letters one may be.)
std::string_view NearestName(std::string_view name, const std::vector<std::string_view>& known);

// ", did you mean minor?", to end a sentence that says that there is no such name; empty where none is near.
std::string DidYouMean(std::string_view name, const std::vector<std::string_view>& known);

// "unknown window 'las_month', did you mean last_month?"
std::string UnknownName(std::string_view what, std::string_view name, const std::vector<std::string_view>& known);

// The keys of a map of named things. They live as long as the map.
template <typename Value>
std::vector<std::string_view> NamesIn(const std::map<std::string, Value>& named) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : named) names.emplace_back(name);
  return names;
}

}  // namespace keyfold

#endif  // KEYFOLD_BASE_NEAREST_NAME_H_
