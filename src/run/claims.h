// What topics a projection writes to, told to the other projections of the cluster: two never write to one topic.
#ifndef KEYFOLD_RUN_CLAIMS_H_
#define KEYFOLD_RUN_CLAIMS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"

namespace keyfold {

// A projection's claim, a record of its catalogue topic.
struct Claim {
  std::string projection;
  std::string events;                // its input
  std::vector<std::string> outputs;  // topics that only it writes to

  friend bool operator==(const Claim&, const Claim&) = default;
};

Claim ClaimOf(const Config& config);

// JSON. Parsing gives nullopt for what is no claim.
std::string FormatClaim(const Claim& claim);
std::optional<Claim> ParseClaim(const std::string& text);

// FailedPrecondition: `claim` contradicts one of `others`, by the topic where each stands; the message says how it is
// had otherwise, and how a projection that was given up is released.
absl::Status CheckClaim(const Claim& claim, const std::map<std::string, Claim>& others);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_CLAIMS_H_
