// Where the schemas of the topics are registered.
#ifndef KEYFOLD_CONFIG_SCHEMA_REGISTRY_CONFIG_H_
#define KEYFOLD_CONFIG_SCHEMA_REGISTRY_CONFIG_H_

#include <string>

namespace keyfold {

struct SchemaRegistryConfig {
  std::string url;            // http or https, without a / at its end; empty: there is none
  std::string user;           // empty: it asks for none
  std::string password_file;  // of the user
  std::string ca_file;        // PEM: who signs its certificate; empty: as the machine has it
};

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_SCHEMA_REGISTRY_CONFIG_H_
