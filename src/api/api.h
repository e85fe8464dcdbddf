// The API: what is asked over HTTP of the latest values and of the shards, and who may see what (docs/api.md).
//
// A row that a token may not see does not exist for it: lists, counts, streams, sums and explanations are those of the
// rows that it sees, and not being allowed is answered as not being there.
#ifndef KEYFOLD_API_API_H_
#define KEYFOLD_API_API_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ask/json.h"
#include "ask/projection_reader.h"
#include "gateway/http.h"
#include "kpi/catalog.h"
#include "live/latest_values.h"
#include "peers/peers.h"
#include "webhooks/deliveries.h"

namespace keyfold {

class EventSink;
class Hooks;

// What the answers are made of. All of it outlives the Api, and may be used by several threads at once.
struct ApiSources {
  const Catalog* catalog = nullptr;
  LatestValues* live = nullptr;

  // From when on what was cleared is listed (alerts.age_hours_max). Milliseconds since 1970.
  std::function<int64_t()> alerts_from_ms;

  std::string tokens_file;    // empty: nobody is asked for tokens
  int64_t session_days = 30;  // that a browser stays signed in; 0: until it ends

  // The shards that are here, as they are now, or were within the last second. NotFound: there are none. Any other
  // error says why they cannot be asked.
  std::function<absl::StatusOr<std::shared_ptr<const ProjectionReader>>()> shards;

  // The other processes, which have the other shards. Null: there are none.
  Peers* peers = nullptr;

  Deliveries* webhooks = nullptr;  // null: there are none
  // Has what could not be delivered to one be sent again: how many. NotFound: there is no such webhook.
  std::function<absl::StatusOr<int64_t>(const std::string& name)> retry_webhook;

  EventSink* events = nullptr;   // where posted events go; null: none are taken
  const Hooks* hooks = nullptr;  // webhooks that become such; null: there are none

  // Members of /v1/status that only the process knows.
  std::function<Json()> status;

  // Whether the process may be sent questions; else why not.
  std::function<absl::Status()> ready;
};

// Thread-safe.
class Api {
 public:
  explicit Api(ApiSources sources) : sources_(std::move(sources)) {}

  // Answers what Admission has let through; 404 for a path that there is not.
  HttpResponse Answer(const HttpRequest& request) const;

  // Whether a path is for everybody who has no token, or is asked for something else: health, what the API is, and
  // hooks.
  static bool IsPublic(const std::string& path);

 private:
  const ApiSources sources_;
};

}  // namespace keyfold

#endif  // KEYFOLD_API_API_H_
