// deploy/catalog.yaml as it was when the binary was built.
#ifndef KEYFOLD_CONFIG_DEFAULT_CATALOG_H_
#define KEYFOLD_CONFIG_DEFAULT_CATALOG_H_

namespace keyfold {

extern const char kDefaultCatalog[];

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_DEFAULT_CATALOG_H_
