// A key of the configuration that holds one value, and the kinds of values there are.
#ifndef KEYFOLD_CONFIG_KEYS_H_
#define KEYFOLD_CONFIG_KEYS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/config.h"

namespace keyfold {

// Takes a value as it is written; InvalidArgument says what is wrong with it.
using SetKey = std::function<absl::Status(Config&, const std::string&)>;

struct ScalarKey {
  const char* name;
  const char* help;
  SetKey set;
};

// What the entries of a list are known by: 1 to 40 of a-z, 0-9 and -. InvalidArgument: "name: ...".
absl::Status CheckListName(const std::string& name);

// Of http or https, which paths are appended to: without user, question mark and the / at its end. Empty is none.
absl::Status SetBaseUrl(const std::string& value, std::string& url);

absl::StatusOr<int64_t> ParseInteger(const std::string& value, int64_t min, int64_t max);

SetKey Text(std::string Config::*member);
SetKey OneOf(std::string Config::*member, std::vector<std::string> choices);
SetKey Integer(int64_t Config::*member, int64_t min, int64_t max, int64_t unit = 1);
SetKey Boolean(bool Config::*member);

// gateway.*
const std::vector<ScalarKey>& GatewayKeys();

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_KEYS_H_
