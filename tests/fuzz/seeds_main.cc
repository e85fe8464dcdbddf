// TARGET_seeds [DIR]: tries the seeds of a fuzz target, each one cut at every place and with every byte changed, as
// bytes that are nearly right go further than any others. With a directory it writes the seeds there, for libFuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.h"

namespace keyfold {
namespace {

void TryNear(const std::string& seed) {
  TryBytes(seed);
  for (size_t at = 0; at < seed.size(); ++at) {
    TryBytes(std::string_view(seed).substr(0, at));
    for (const int change : {0x01, 0x80, 0xff}) {
      std::string changed = seed;
      changed[at] = static_cast<char>(changed[at] ^ change);
      TryBytes(changed);
    }
  }
}

int Write(const std::vector<std::string>& seeds, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream file(directory / ("seed_" + std::to_string(i)), std::ios::binary);
    if (!(file << seeds[i] << std::flush)) {
      std::fprintf(stderr, "cannot write to %s\n", directory.c_str());
      return 1;
    }
  }
  return 0;
}

int Run(int argc, char** argv) {
  const std::vector<std::string> seeds = FuzzSeeds();
  if (argc > 1) return Write(seeds, argv[1]);
  for (const std::string& seed : seeds) TryNear(seed);
  std::printf("%zu seeds\n", seeds.size());
  return seeds.empty() ? 1 : 0;
}

}  // namespace
}  // namespace keyfold

int main(int argc, char** argv) { return keyfold::Run(argc, argv); }
