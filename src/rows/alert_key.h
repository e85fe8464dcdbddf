// The keys of account-alerts (docs/formats.md): "account/<alert>/<account id>" or "group/<alert>/<group id>".
#ifndef KEYFOLD_ROWS_ALERT_KEY_H_
#define KEYFOLD_ROWS_ALERT_KEY_H_

#include <optional>
#include <string>
#include <string_view>

#include "rows/latest_topic.h"

namespace keyfold {

// The views are into the key.
struct ParsedAlertKey {
  LatestTopic owner_topic = LatestTopic::kAccounts;  // kAccounts or kGroups
  std::string_view alert;                            // its id in the catalogue
  std::string_view owner_id;
};

// nullopt: it is none.
std::optional<ParsedAlertKey> ParseAlertKey(std::string_view key);

// The group that the alerts of an account or group form in the table of rows. No group of accounts is called so: those
// have a kind and a colon in front.
std::string AlertsGroupOf(LatestTopic owner_topic, std::string_view owner_id);

}  // namespace keyfold

#endif  // KEYFOLD_ROWS_ALERT_KEY_H_
