#include "config/hook_keys.h"

#include <map>
#include <set>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "config/keys.h"

namespace keyfold {
namespace {

const std::map<std::string, std::string HookSignatureConfig::*, std::less<>>& SignatureKeys() {
  using Signature = HookSignatureConfig;
  static const auto* const keys = new std::map<std::string, std::string Signature::*, std::less<>>{
      {"header", &Signature::header},
      {"secret", &Signature::secret},
      {"secret_file", &Signature::secret_file},
      {"encoding", &Signature::encoding},
      {"prefix", &Signature::prefix},
      {"signed", &Signature::signed_text},
      {"uri", &Signature::uri},
      {"timestamp_header", &Signature::timestamp_header}};
  return *keys;
}

constexpr char kAgeKey[] = "age_s_max";
constexpr int64_t kAgeMax = 86'400;

absl::StatusOr<std::string> ScalarOf(const YAML::Node& value) {
  if (!value.IsScalar()) return absl::InvalidArgumentError("a single value is expected");
  return value.as<std::string>();
}

absl::Status SetSignatureKey(const std::string& key, const YAML::Node& value, HookSignatureConfig& signature) {
  if (key == kAgeKey) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string text, ScalarOf(value));
    KEYFOLD_ASSIGN_OR_RETURN(signature.age_s_max, ParseInteger(text, 1, kAgeMax));
    return absl::OkStatus();
  }
  const auto known = SignatureKeys().find(key);
  if (known == SignatureKeys().end()) {
    std::vector<std::string_view> names = {kAgeKey};
    for (const auto& [name, member] : SignatureKeys()) names.emplace_back(name);
    return absl::InvalidArgumentError(absl::StrCat("there is no such key", DidYouMean(key, names)));
  }
  KEYFOLD_ASSIGN_OR_RETURN(signature.*known->second, ScalarOf(value));
  return absl::OkStatus();
}

// The names in braces must be those that there are, or what is signed would be another text than the sender's.
absl::Status CheckSignedText(const HookSignatureConfig& signature) {
  const std::string& text = signature.signed_text;
  std::set<std::string> names;
  for (size_t begin = text.find('{'); begin != std::string::npos; begin = text.find('{', begin + 1)) {
    const size_t end = text.find('}', begin);
    if (end == std::string::npos) return absl::InvalidArgumentError("signed: a { has no }");
    names.insert(text.substr(begin + 1, end - begin - 1));
  }
  for (const std::string& name : names) {
    if (name == "body" || name == "method" || name == "uri" || name == "timestamp") continue;
    return absl::InvalidArgumentError(
        absl::StrCat("signed: '{", name, "}' is none of {body}, {method}, {uri} and {timestamp}"));
  }
  if (!names.contains("body")) return absl::InvalidArgumentError("signed: {body} is missing: anybody could change it");
  if (names.contains("uri") != !signature.uri.empty()) {
    return absl::InvalidArgumentError("uri: needed by {uri} in `signed`, and by nothing else");
  }
  if (names.contains("timestamp") != !signature.timestamp_header.empty()) {
    return absl::InvalidArgumentError("timestamp_header: needed by {timestamp} in `signed`, and by nothing else");
  }
  return absl::OkStatus();
}

absl::Status CheckSignature(const HookSignatureConfig& signature) {
  if (signature.header.empty()) return absl::InvalidArgumentError("header: it is missing");
  if (signature.secret.empty() == signature.secret_file.empty()) {
    return absl::InvalidArgumentError("either secret or secret_file is needed");
  }
  if (signature.encoding != "hex" && signature.encoding != "base64") {
    return absl::InvalidArgumentError(absl::StrCat("encoding: '", signature.encoding, "' is none of hex and base64"));
  }
  return CheckSignedText(signature);
}

}  // namespace

absl::StatusOr<std::vector<HookConfig>> ReadHooks(const std::string& file, const YAML::Node& list) {
  const auto at = [&file](const YAML::Node& node, const std::string& key, const absl::Status& status) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", node.Mark().line + 1, ": hooks", key, ": ", status.message()));
  };
  const auto expected = [&at](const YAML::Node& node, const std::string& key, const char* what) {
    return at(node, key, absl::InvalidArgumentError(absl::StrCat(what, " is expected")));
  };
  if (!list.IsSequence()) return expected(list, "", "a list");
  std::vector<HookConfig> hooks;
  std::set<std::string> names;
  for (const YAML::Node& entry : list) {
    if (!entry.IsMap()) return expected(entry, "", "a map");
    HookConfig& hook = hooks.emplace_back();
    for (const auto& pair : entry) {
      const std::string key = pair.first.as<std::string>();
      if (key == "signature") {
        if (!pair.second.IsMap()) return expected(pair.first, ".signature", "a map");
        for (const auto& part : pair.second) {
          const std::string name = part.first.as<std::string>();
          const absl::Status status = SetSignatureKey(name, part.second, hook.signature);
          if (!status.ok()) return at(part.first, ".signature." + name, status);
        }
        const absl::Status status = CheckSignature(hook.signature);
        if (!status.ok()) return at(pair.first, ".signature", status);
        continue;
      }
      if (key != "name" && key != "mapping") {
        return at(pair.first, "." + key,
                  absl::InvalidArgumentError(
                      absl::StrCat("there is no such key", DidYouMean(key, {"name", "mapping", "signature"}))));
      }
      absl::StatusOr<std::string> text = ScalarOf(pair.second);
      if (!text.ok()) return at(pair.first, "." + key, text.status());
      (key == "name" ? hook.name : hook.mapping) = *std::move(text);
    }
    if (const absl::Status status = CheckListName(hook.name); !status.ok()) return at(entry, "", status);
    if (hook.mapping.empty()) return at(entry, "", absl::InvalidArgumentError("mapping: it is missing"));
    if (!names.insert(hook.name).second) {
      return at(entry, "", absl::InvalidArgumentError(absl::StrCat("there are two of the name ", hook.name)));
    }
  }
  return hooks;
}

}  // namespace keyfold
