// Topics of other programs that `keyfold feed` reads. The keys are those of each entry of the list `inputs`.
#ifndef KEYFOLD_CONFIG_INPUT_CONFIG_H_
#define KEYFOLD_CONFIG_INPUT_CONFIG_H_

#include <string>

namespace keyfold {

struct InputConfig {
  std::string topic;    // of no other one
  std::string mapping;  // its file; empty: its records are account events already
};

}  // namespace keyfold

#endif  // KEYFOLD_CONFIG_INPUT_CONFIG_H_
