// How a browser says who asks: by a cookie with a token, or by the header of a proxy that has asked him. Here is what
// such headers say; whom they let in is Admission's.
//
// Neither is sent on purpose: a browser adds it to whatever any page asks for. So a request that says so may change
// something only where the page is this gateway's own.
#ifndef KEYFOLD_SIGN_IN_SIGN_IN_H_
#define KEYFOLD_SIGN_IN_SIGN_IN_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/gateway_config.h"

namespace keyfold {

// The token in a Cookie header; empty: there is none. `is_secure`: the request came by TLS.
std::string_view SessionToken(std::string_view cookies, bool is_secure);

// Values of Set-Cookie that begin a session, for `days` (0: until the browser ends), and that end it. No script reads
// the cookie and no page of elsewhere has it sent; one that was set over TLS is sent over nothing else.
std::string SessionCookie(std::string_view token, int64_t days, bool is_secure);
std::string EndedSessionCookie(bool is_secure);

// Whether a page of this Origin lies at the Host that it asks.
bool IsOwnOrigin(std::string_view origin, std::string_view host, bool is_secure);

// Addresses and networks: "127.0.0.1, ::1, 10.1.0.0/16". An IPv4 address that came by IPv6 (::ffff:10.1.2.3) is that
// address.
class Remotes {
 public:
  // InvalidArgument names what is neither.
  static absl::StatusOr<Remotes> Parse(std::string_view text);

  bool Contains(const std::string& remote) const;

 private:
  struct Network {
    std::array<uint8_t, 16> address;
    int bits;  // that count
  };

  std::vector<Network> networks_;
};

// FailedPrecondition, InvalidArgument: what is configured of proxies does not fit together, and why.
absl::Status CheckProxy(const GatewayConfig& config);

}  // namespace keyfold

#endif  // KEYFOLD_SIGN_IN_SIGN_IN_H_
