// Whether a request comes from who has the secret: HMAC-SHA256 in a header, in the ways in which senders write it.
#ifndef KEYFOLD_HOOKS_SIGNATURE_H_
#define KEYFOLD_HOOKS_SIGNATURE_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "config/hook_config.h"

namespace keyfold {

// What of a request a signature is about.
struct SignedRequest {
  std::string_view method;
  const std::vector<std::pair<std::string, std::string>>& headers;  // names know no case
  std::string_view body;
};

// The secrets of a hook that are in force. Errors: those of the file; FailedPrecondition: none is in it.
absl::StatusOr<std::vector<std::string>> SecretsOf(const HookSignatureConfig& signature);

// Unauthenticated: it is not signed with one of the secrets, or too long ago; the message says how it fails, to those
// who run this. In a time that does not tell how much of the signature is right.
absl::Status CheckSignature(const HookSignatureConfig& signature, std::span<const std::string> secrets,
                            const SignedRequest& request, absl::Time now);

}  // namespace keyfold

#endif  // KEYFOLD_HOOKS_SIGNATURE_H_
