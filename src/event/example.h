// An event of every type, filled in: what a producer begins with, and the examples of the contract (docs/contract).
#ifndef KEYFOLD_EVENT_EXAMPLE_H_
#define KEYFOLD_EVENT_EXAMPLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace keyfold {

// "account_opened" …, in the order of their numbers.
std::vector<std::string> EventTypes();

// The JSON of an event of this type, on one line, with every field of its payload; it is valid where the reporting
// currency is not USD. InvalidArgument: there is no such type; the message names the nearest one.
absl::StatusOr<std::string> ExampleEvent(const std::string& type, const std::string& account_id,
                                         absl::Time occurred_at);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_EXAMPLE_H_
