// Which of the known names was meant by one that is not known: for messages about mistyped names.
#ifndef KEYFOLD_BASE_NEAREST_NAME_H_
#define KEYFOLD_BASE_NEAREST_NAME_H_

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

}  // namespace keyfold

#endif  // KEYFOLD_BASE_NEAREST_NAME_H_
