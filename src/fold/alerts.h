// Alerts: flags that changed, of an account or of a group.
//
// An alert has one record on its topic: the latest says whether it is raised. What was published last is kept with the
// account or group (v1.StoredAccount.raised_alerts), because a rebuild makes all else anew and cannot tell.
#ifndef KEYFOLD_FOLD_ALERTS_H_
#define KEYFOLD_FOLD_ALERTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "fold/update_format.h"
#include "keyfold/update_sink.h"
#include "kpi/evaluation.h"

namespace keyfold {

// Ids of alerts, in the order of the catalogue.
using AlertIds = std::vector<std::string>;

// Those that the update's values after raise; it says whether the account is a customer.
AlertIds RaisedAlerts(const Catalog& catalog, const Update& update);

struct AlertChange {
  const Update& update;                          // what is published beside them, or would be if it had changed
  absl::FunctionRef<double(uint16_t slot)> sum;  // a base component after; NaN: undefined
  const AlertIds& before;                        // raised, as last published
  const AlertIds& after;                         // raised by the values after
  bool known = true;  // `before` is what was published; else of each alert is told what holds, changed or not
};

// Appends the alerts that were raised or cleared, and tombstones of those that were raised and are in the catalogue no
// more.
void AppendAlerts(const EvaluationDay& evaluation, const UpdateFormat& format, const AlertChange& change,
                  std::vector<OutputRecord>& outputs);

// Appends tombstones of all alerts of an account or group that is gone: those in the catalogue, and those `before`.
void AppendGoneAlerts(const Catalog& catalog, std::string_view id, bool group, const AlertIds& before,
                      std::vector<OutputRecord>& outputs);

// The key of an alert's record: "account/at_risk/A1", "group/at_risk/manager:M7".
std::string AlertKey(std::string_view alert, std::string_view id, bool group);

}  // namespace keyfold

#endif  // KEYFOLD_FOLD_ALERTS_H_
