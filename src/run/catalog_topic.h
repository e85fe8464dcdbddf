// What a projection tells the cluster in its topic keyfold.<projection>.catalog, one record a key: which topics are its
// own (claims.h), and its catalogue, so that a client in any language can name, format and colour every number.
#ifndef KEYFOLD_RUN_CATALOG_TOPIC_H_
#define KEYFOLD_RUN_CATALOG_TOPIC_H_

#include <string>

#include "absl/status/status.h"
#include "config/config.h"
#include "kafka/connection.h"
#include "kpi/catalog.h"

namespace keyfold {

// Checks the projection's claim against those in the cluster's other catalogue topics, then writes to its own, which
// exists, the claim and the CatalogDocument(), each unless the latest there is the same. The document is keyed by the
// hash that records carry; as labels and thresholds are no part of the hash, another one may take its place. Blocks.
// Errors: those of CheckClaim(), ReadTopic() and KafkaProducer.
absl::Status Announce(const KafkaConnection& connection, const Config& config, const Catalog& catalog);

}  // namespace keyfold

#endif  // KEYFOLD_RUN_CATALOG_TOPIC_H_
