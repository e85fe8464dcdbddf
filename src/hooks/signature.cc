#include "hooks/signature.h"

#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "rights/digest.h"

namespace keyfold {
namespace {

constexpr size_t kDigestBytes = 32;

// nullptr: it is not there, or more than once, and nobody knows which one is meant.
const std::string* FindOne(const SignedRequest& request, const std::string& name) {
  const std::string* found = nullptr;
  for (const auto& [header, value] : request.headers) {
    if (!absl::EqualsIgnoreCase(header, name)) continue;
    if (found != nullptr) return nullptr;
    found = &value;
  }
  return found;
}

// The digest in 64 hexadecimal digits of lower case; nullopt: it is none.
std::optional<std::string> DigestIn(std::string_view text, const HookSignatureConfig& signature) {
  if (!text.starts_with(signature.prefix)) return std::nullopt;
  const std::string digest(text.substr(signature.prefix.size()));
  if (signature.encoding == "hex") {
    const bool is_hex =
        digest.size() == 2 * kDigestBytes && digest.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    return is_hex ? std::optional(absl::AsciiStrToLower(digest)) : std::nullopt;
  }
  std::string bytes;
  if (!absl::Base64Unescape(digest, &bytes) || bytes.size() != kDigestBytes) return std::nullopt;
  return absl::BytesToHexString(bytes);
}

// Seconds or, as no such second will be for some thousand years, milliseconds.
std::optional<absl::Time> TimeIn(std::string_view text) {
  constexpr int64_t kSecondsMax = 100'000'000'000;
  int64_t number = 0;
  if (!absl::SimpleAtoi(std::string(text), &number) || number < 0) return std::nullopt;
  return number < kSecondsMax ? absl::FromUnixSeconds(number) : absl::FromUnixMillis(number);
}

// The text that the sender has signed. What comes in is put in once: braces in it are braces.
std::string SignedText(const HookSignatureConfig& signature, const SignedRequest& request, std::string_view timestamp) {
  std::string signed_text;
  std::string_view rest = signature.signed_text;
  while (true) {
    const size_t begin = rest.find('{');
    signed_text.append(rest.substr(0, begin));
    if (begin == std::string_view::npos) return signed_text;
    const size_t end = rest.find('}', begin);
    const std::string_view name = rest.substr(begin + 1, end - begin - 1);
    signed_text.append(name == "body"     ? request.body
                       : name == "method" ? request.method
                       : name == "uri"    ? std::string_view(signature.uri)
                                          : timestamp);
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SecretsOf(const HookSignatureConfig& signature) {
  if (signature.secret_file.empty()) return std::vector<std::string>{signature.secret};
  KEYFOLD_ASSIGN_OR_RETURN(const std::string text, ReadFile(signature.secret_file));
  std::vector<std::string> secrets;
  for (const auto& line : absl::StrSplit(text, '\n')) {
    std::string secret(absl::StripAsciiWhitespace(line));
    if (!secret.empty()) secrets.push_back(std::move(secret));
  }
  if (secrets.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(signature.secret_file, ": no secret is in it"));
  }
  return secrets;
}

absl::Status CheckSignature(const HookSignatureConfig& signature, std::span<const std::string> secrets,
                            const SignedRequest& request, absl::Time now) {
  const std::string* const given = FindOne(request, signature.header);
  if (given == nullptr) return absl::UnauthenticatedError(absl::StrCat("one ", signature.header, " is needed"));
  const std::optional<std::string> digest = DigestIn(*given, signature);
  if (!digest.has_value()) {
    return absl::UnauthenticatedError(
        absl::StrCat(signature.header, " is not ", signature.prefix, " and 32 bytes in ", signature.encoding));
  }
  std::string_view timestamp;
  if (!signature.timestamp_header.empty()) {
    const std::string* const header = FindOne(request, signature.timestamp_header);
    const std::optional<absl::Time> time = header == nullptr ? std::nullopt : TimeIn(*header);
    if (!time.has_value()) {
      return absl::UnauthenticatedError(absl::StrCat("one ", signature.timestamp_header, " with a time is needed"));
    }
    if (absl::AbsDuration(now - *time) > absl::Seconds(signature.age_s_max)) {
      return absl::UnauthenticatedError(
          absl::StrCat("it was signed at another time than now: signature.age_s_max of ", signature.age_s_max));
    }
    timestamp = *header;
  }
  const std::string signed_text = SignedText(signature, request, timestamp);
  bool right = false;
  for (const std::string& secret : secrets) {
    right |= EqualInConstantTime(HmacSha256Hex(secret, signed_text), *digest);
  }
  return right ? absl::OkStatus()
               : absl::UnauthenticatedError("it was signed with another secret, or is not as it was");
}

}  // namespace keyfold
