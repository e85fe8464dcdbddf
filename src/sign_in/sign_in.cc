#include "sign_in/sign_in.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace keyfold {
namespace {

// A cookie whose name begins so is taken only from who may set one for this host, over TLS, for all paths.
constexpr char kSecureName[] = "__Host-keyfold";
constexpr char kName[] = "keyfold";

constexpr int kBitsOfByte = 8;
constexpr int kMappedBits = 96;  // before an IPv4 address that is written as one of IPv6

absl::string_view Text(std::string_view text) { return {text.data(), text.size()}; }

std::string Cookie(std::string_view token, const std::string& age, bool is_secure) {
  return absl::StrCat(is_secure ? kSecureName : kName, "=", Text(token), "; Path=/; HttpOnly; SameSite=Strict", age,
                      is_secure ? "; Secure" : "");
}

// As one of IPv6. nullopt: it is none.
std::optional<std::array<uint8_t, 16>> ParseAddress(const std::string& text) {
  std::array<uint8_t, 16> address{};
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  address[10] = address[11] = 0xff;
  if (inet_pton(AF_INET, text.c_str(), &address[12]) == 1) return address;
  return std::nullopt;
}

bool SameBits(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, int bits) {
  const int whole = bits / kBitsOfByte;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const int rest = bits % kBitsOfByte;
  return rest == 0 || (a[whole] ^ b[whole]) >> (kBitsOfByte - rest) == 0;
}

}  // namespace

std::string_view SessionToken(std::string_view cookies, bool is_secure) {
  for (const absl::string_view part : absl::StrSplit(Text(cookies), ';')) {
    const absl::string_view cookie = absl::StripAsciiWhitespace(part);
    const size_t equals = cookie.find('=');
    if (equals == absl::string_view::npos || cookie.substr(0, equals) != (is_secure ? kSecureName : kName)) continue;
    return {cookie.data() + equals + 1, cookie.size() - equals - 1};
  }
  return {};
}

std::string SessionCookie(std::string_view token, int64_t days, bool is_secure) {
  constexpr int64_t kSecondsPerDay = 86'400;
  return Cookie(token, days == 0 ? "" : absl::StrCat("; Max-Age=", days * kSecondsPerDay), is_secure);
}

std::string EndedSessionCookie(bool is_secure) { return Cookie("", "; Max-Age=0", is_secure); }

bool IsOwnOrigin(std::string_view origin, std::string_view host, bool is_secure) {
  // TLS may end at a proxy that does not say so: without it here either scheme is as good.
  const bool https = origin.starts_with("https://");
  if (!https && (is_secure || !origin.starts_with("http://"))) return false;
  return absl::EqualsIgnoreCase(Text(origin.substr(origin.find("://") + 3)), Text(host));
}

absl::StatusOr<Remotes> Remotes::Parse(std::string_view text) {
  Remotes remotes;
  for (const absl::string_view part : absl::StrSplit(Text(text), ',')) {
    const std::string item(absl::StripAsciiWhitespace(part));
    if (item.empty()) continue;
    const size_t slash = item.find('/');
    const auto address = ParseAddress(item.substr(0, slash));
    const bool is_v4 = item.find(':') == std::string::npos;
    int bits = is_v4 ? 32 : 128;
    int given = bits;
    const bool readable = slash == std::string::npos || absl::SimpleAtoi(item.substr(slash + 1), &given);
    if (!address.has_value() || !readable || given < 0 || given > bits) {
      return absl::InvalidArgumentError(absl::StrCat("'", item, "' is no address and no network"));
    }
    remotes.networks_.push_back({*address, is_v4 ? kMappedBits + given : given});
  }
  return remotes;
}

bool Remotes::Contains(const std::string& remote) const {
  const auto address = ParseAddress(remote);
  return address.has_value() && absl::c_any_of(networks_, [&](const Network& network) {
           return SameBits(network.address, *address, network.bits);
         });
}

absl::Status CheckProxy(const GatewayConfig& config) {
  if (const absl::Status status = Remotes::Parse(config.proxy_remotes).status(); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("gateway.proxy_remotes: ", status.message()));
  }
  if (config.proxy_user_header.empty()) return absl::OkStatus();
  if (config.proxy_remotes.empty()) {
    return absl::FailedPreconditionError(
        "gateway.proxy_user_header: anybody could send it; gateway.proxy_remotes says which addresses may");
  }
  if (config.tokens_file.empty()) {
    return absl::FailedPreconditionError(
        "gateway.proxy_user_header: what its users may see stands in gateway.tokens_file, which is not set");
  }
  return absl::OkStatus();
}

}  // namespace keyfold
