// A formula's text taken apart into what it reads and what stands between: to show it with its values put in.
#ifndef KEYFOLD_FORMULA_FORMULA_PARTS_H_
#define KEYFOLD_FORMULA_FORMULA_PARTS_H_

#include <string_view>
#include <vector>

namespace keyfold {

struct FormulaPart {
  std::string_view text;
  bool is_operand = false;  // a component ("sum(revenue, t12m)"), a definition, a parameter, D: a formula by itself
};

// The parts of a text that compiles (Formula::Compile), in their order; together they are the text. Views into it.
std::vector<FormulaPart> PartsOf(std::string_view text);

}  // namespace keyfold

#endif  // KEYFOLD_FORMULA_FORMULA_PARTS_H_
