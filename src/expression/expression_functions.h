// The functions of a mapping's expressions. Private to expression/.
#ifndef KEYFOLD_EXPRESSION_EXPRESSION_FUNCTIONS_H_
#define KEYFOLD_EXPRESSION_EXPRESSION_FUNCTIONS_H_

#include <string_view>
#include <vector>

#include "expression/expression.h"

namespace keyfold {

// Arguments by a letter each: t text, n number, d time, c condition, a any (all of these of one type), ? what follows
// may be missing, * the last one may be repeated. The result likewise, a: the type of the arguments.
struct ExpressionFunction {
  enum class Over { kValues, kRows, kHistory };

  std::string_view name;
  ExpressionOp op;
  std::string_view arguments;
  char result;
  Over over = Over::kValues;
};

// nullptr: there is none with this name that takes so many arguments.
const ExpressionFunction* FindFunction(std::string_view name, size_t arguments);

std::vector<std::string_view> FunctionNames();

}  // namespace keyfold

#endif  // KEYFOLD_EXPRESSION_EXPRESSION_FUNCTIONS_H_
