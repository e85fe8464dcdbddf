#include "base/check.h"

#include <gtest/gtest.h>

namespace keyfold {
namespace {

TEST(CheckTest, EndsTheProcessAndSaysWhy) {
  const int records = 1;
  KEYFOLD_CHECK(records == 1);
  EXPECT_DEATH(KEYFOLD_CHECK(records == 2), "check_test.cc:[0-9]+: this should hold, and does not: records == 2");
}

}  // namespace
}  // namespace keyfold
