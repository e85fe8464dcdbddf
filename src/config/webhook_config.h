// To whom alerts are sent, and which. The keys are those of each entry of the list `webhooks`.
#ifndef KEYFOLD_CONFIG_WEBHOOK_CONFIG_H_
#define KEYFOLD_CONFIG_WEBHOOK_CONFIG_H_

#include <cstdint>
#include <set>
#include <string>

namespace keyfold {

struct WebhookConfig {
  std::string name;         // [a-z0-9-]{1,40}; of no other one
  std::string url;          // https, or this machine's own
  std::string secret;       // signs what is sent; either this
  std::string secret_file;  // or a file with a secret in each line, all of which sign; read each time
  std::string ca_file;      // PEM: who may have signed the receiver's certificate; empty: whom the system trusts

  // Empty: any.
  std::set<std::string> alerts;      // ids of the catalogue
  std::set<std::string> severities;  // LOW, MEDIUM, HIGH, CRITICAL
  std::set<std::string> groups;      // "manager:M7": alerts of its accounts, and of the group itself

  int64_t timeout_ms = 10'000;  // for one attempt
  int64_t attempts_max = 24;    // then it is dead
  int64_t pause_s_max = 900;    // after a failure; the first ones are shorter
};

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_WEBHOOK_CONFIG_H_
