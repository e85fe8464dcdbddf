// What a projection tells the cluster in its topic keyfold.<projection>.catalog, one record a key: which topics are its
// own (claims.h), and its catalogue, so that a client in any language can name, format and colour every number.
#ifndef KEYFOLD_CLI_CATALOG_TOPIC_H_
#define KEYFOLD_CLI_CATALOG_TOPIC_H_

#include <string>

#include "absl/status/status.h"
#include "cli/config.h"
#include "kafka/connection.h"
#include "kpi/catalog.h"

namespace keyfold {

// The document, one line of JSON: hash, settings, parameters, windows, components, KPIs (with label, description, unit,
// better, digits, thresholds, alert; how they are called for groups), kinds of groups.
std::string CatalogDocument(const Catalog& catalog);

// Checks the projection's claim against those in the cluster's other catalogue topics, then writes to its own, which
// exists, the claim and the document, each unless the latest there is the same. The document is keyed by the hash that
// records carry; as labels and thresholds are no part of the hash, another one may take its place. Blocks. Errors:
// those of CheckClaim(), ReadTopic() and KafkaProducer.
absl::Status Announce(const KafkaConnection& connection, const Config& config, const Catalog& catalog);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_CATALOG_TOPIC_H_
