// Explanations as documents.
#ifndef KEYFOLD_EXPLAIN_EXPLANATION_JSON_H_
#define KEYFOLD_EXPLAIN_EXPLANATION_JSON_H_

#include "ask/json.h"
#include "explain/explanation.h"

namespace keyfold {

// Undefined values are absent, money within is in minor units; integers outside int64 are strings (docs/formats.md,
// "Explanations").
Json ToJson(const Explanation& explanation);

}  // namespace keyfold

#endif  // KEYFOLD_EXPLAIN_EXPLANATION_JSON_H_
