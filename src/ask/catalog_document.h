// The catalogue as a document for clients in any language: what each KPI is, so that they can name, format and colour
// every number.
#ifndef KEYFOLD_ASK_CATALOG_DOCUMENT_H_
#define KEYFOLD_ASK_CATALOG_DOCUMENT_H_

#include <string>

#include "kpi/catalog.h"

namespace keyfold {

// One line of JSON: hash, settings, parameters, windows, components, KPIs (with label, description, unit,
// better, digits, thresholds, alert; how they are called for groups), kinds of groups.
std::string CatalogDocument(const Catalog& catalog);

}  // namespace keyfold

#endif  // KEYFOLD_ASK_CATALOG_DOCUMENT_H_
