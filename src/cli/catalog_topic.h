// The catalogue for readers of the output topics: what each KPI is, so that a client in any language can name, format
// and colour every number.
#ifndef KEYFOLD_CLI_CATALOG_TOPIC_H_
#define KEYFOLD_CLI_CATALOG_TOPIC_H_

#include <string>

#include "absl/status/status.h"
#include "kafka/connection.h"
#include "kpi/catalog.h"

namespace keyfold {

// The document, one line of JSON: hash, settings, parameters, windows, components, KPIs (with label, description, unit,
// better, digits, thresholds, alert; how they are called for groups), kinds of groups.
std::string CatalogDocument(const Catalog& catalog);

// Writes the document to the catalogue topic, keyed by the hash that records carry, unless the latest there is the
// same. As labels and thresholds are no part of the hash, another document may take the place of one. Blocks. Errors:
// those of ReadTopic() and KafkaProducer.
absl::Status PublishCatalog(const KafkaConnection& connection, const std::string& topic, const Catalog& catalog);

}  // namespace keyfold

#endif  // KEYFOLD_CLI_CATALOG_TOPIC_H_
