#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  keyfold::TryBytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
