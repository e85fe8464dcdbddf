// The demo: a generated company's history is folded, and then its life goes on, while a gateway shows it.
#ifndef KEYFOLD_DEMO_DEMO_H_
#define KEYFOLD_DEMO_DEMO_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "config/config.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// Where it can be looked at. The tokens are empty where nobody is asked for one.
struct DemoPlace {
  std::string address;        // "http://127.0.0.1:8080/"
  std::string admin_token;    // sees and may do everything
  std::string manager_token;  // sees the accounts of one manager
  std::string manager_group;  // of that one: "manager:M. Keller"
};

struct DemoOptions {
  int64_t accounts = 60;
  uint64_t seed = 1;
  int64_t rate = 1;                            // events per second that the company lives on with; 0: it stands still
  int64_t seconds = 0;                         // from when it can be looked at; 0: until stopped
  bool tokens = false;                         // the gateway asks for one, and there are two
  std::function<void(int64_t events)> played;  // the history has been sent
  std::function<void(const DemoPlace&)> ready;
  std::function<void(std::string_view account, const v1::AccountEvent&)> lived;  // after each event since
};

// Runs it on topics and in a directory of its own, which no other run uses, until `stop` is set. The directory is
// removed at the end, the topics stay. The three functions of `options` must be there; they are called by the calling
// thread but for `ready`. InvalidArgument: the options or the configuration. Others: what the brokers or the gateway
// say.
absl::Status RunDemo(const Config& config, const DemoOptions& options, std::atomic<bool>& stop);

}  // namespace keyfold

#endif  // KEYFOLD_DEMO_DEMO_H_
