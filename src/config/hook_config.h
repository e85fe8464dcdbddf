// Webhooks of other programs that the gateway takes. The keys are those of each entry of the list `hooks`.
#ifndef KEYFOLD_CONFIG_HOOK_CONFIG_H_
#define KEYFOLD_CONFIG_HOOK_CONFIG_H_

#include <cstdint>
#include <string>

namespace keyfold {

// How a sender shows that a request is his: an HMAC-SHA256 in a header.
struct HookSignatureConfig {
  std::string header;            // empty: nothing is signed
  std::string secret;            // either this
  std::string secret_file;       // or a file with a secret in each line, of which one has signed; read each time
  std::string encoding = "hex";  // how it is written: hex, base64
  std::string prefix;            // what stands before it: "sha256="

  // What is signed: a text with {body}, {method}, {uri} and {timestamp} in it.
  std::string signed_text = "{body}";
  std::string uri;               // what {uri} is: the address that the sender was given
  std::string timestamp_header;  // where {timestamp} is: seconds or milliseconds since 1970
  int64_t age_s_max = 300;       // how far that may be from now
};

struct HookConfig {
  std::string name;     // [a-z0-9-]{1,40}, of no other one: /v1/hooks/<name>
  std::string mapping;  // its file
  HookSignatureConfig signature;
};

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_HOOK_CONFIG_H_
