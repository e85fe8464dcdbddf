// What a fuzz target is: a function that holds for any bytes, and bytes to begin with. Each is linked twice: with
// libFuzzer (libfuzzer_main.cc), and, in every build, with seeds_main.cc, which tries the seeds and what is near them.
#ifndef KEYFOLD_TESTS_FUZZ_FUZZ_TARGET_H_
#define KEYFOLD_TESTS_FUZZ_FUZZ_TARGET_H_

#include <string>
#include <string_view>
#include <vector>

namespace keyfold {

// Inputs that lead far into what is tested.
std::vector<std::string> FuzzSeeds();

// Ends the process where what is tested does not hold.
void TryBytes(std::string_view bytes);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_FUZZ_FUZZ_TARGET_H_
