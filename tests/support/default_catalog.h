// The shipped catalogue, compiled.
#ifndef KEYFOLD_TESTS_SUPPORT_DEFAULT_CATALOG_H_
#define KEYFOLD_TESTS_SUPPORT_DEFAULT_CATALOG_H_

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "kpi/catalog.h"

namespace keyfold {

inline std::string DefaultCatalogYaml() {
  std::ifstream file(KEYFOLD_DEFAULT_CATALOG);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Catalog DefaultCatalog(const KpiSettings& settings = {}) {
  absl::StatusOr<Catalog> catalog = Catalog::Parse(DefaultCatalogYaml(), "deploy/catalog.yaml", settings);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return *std::move(catalog);
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_DEFAULT_CATALOG_H_
