// The ids of alerts.
#ifndef KEYFOLD_API_ALERT_IDS_H_
#define KEYFOLD_API_ALERT_IDS_H_

#include <string_view>
#include <vector>

#include "kpi/catalog.h"

namespace keyfold {

// Those that the catalogue's alerts have, of accounts and of groups. Valid as long as the catalogue.
std::vector<std::string_view> AlertIdsOf(const Catalog& catalog);

}  // namespace keyfold

#endif  // KEYFOLD_API_ALERT_IDS_H_
