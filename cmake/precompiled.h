// Headers that most files take in, compiled once where KEYFOLD_PRECOMPILE is on. Files still include what they use: the
// dev build goes without this.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "keyfold/v1/account_event.pb.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "keyfold/v1/stored_state.pb.h"
