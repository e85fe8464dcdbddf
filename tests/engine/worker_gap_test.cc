// What a worker folds again when its disk has lost more than the last transaction, as by a power cut.
#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <string>

#include "engine/worker_world.h"

namespace keyfold {
namespace {

class WorkerGapTest : public WorkerTest {
 protected:
  // The lifetime value that was last published of each account.
  std::map<std::string, std::optional<double>> LastPublished() {
    std::map<std::string, std::optional<double>> last;
    for (const MemoryRecord& record : cluster_.outputs(OutputTopic::kAccountKpis)) {
      last[*record.key] = KpiOf(ParseUpdate(*record.value), "clv_historic");
    }
    return last;
  }
};

// One epoch's sweep tells A1 and A2 of a rate, the next one's A1 that it is as before; then the disk is as it was
// before both. Nothing says that the first had come to A2, whose value there is that of the end.
TEST_F(WorkerGapTest, ASweepThatWasGivenUpWithinTheGapIsMadeUpFor) {
  process_.options.sweep_visits_max = 1;
  Append("2026-01-05", Rate("USD", "2026-01", 1));
  for (const char* id : {"A1", "A2", "A3"}) Append("2026-01-05", Invoice(id, "2026-01-05", 100'00, "USD"));
  Begin(process_);
  RunToEnd(process_);
  const std::map<std::string, std::optional<double>> before = LastPublished();
  const std::map<int32_t, MemoryStore> disks = process_.disks;

  Append("2026-01-05", Rate("USD", "2026-01", 2, /*revision=*/1));
  for (int turn = 0; turn < 20 && LastPublished()["A2"] == before.at("A2"); ++turn) {
    ASSERT_TRUE(process_.worker->Step().ok());
  }
  ASSERT_NE(LastPublished()["A2"], before.at("A2"));
  ASSERT_EQ(LastPublished()["A3"], before.at("A3"));
  Append("2026-01-05", Rate("USD", "2026-01", 1, /*revision=*/2));
  for (int turn = 0; turn < 20 && LastPublished()["A1"] != before.at("A1"); ++turn) {
    ASSERT_TRUE(process_.worker->Step().ok());
  }
  ASSERT_EQ(LastPublished()["A1"], before.at("A1"));
  ASSERT_NE(LastPublished()["A2"], before.at("A2"));

  End(process_);
  process_.disks = disks;
  Begin(process_);
  RunToEnd(process_);
  EXPECT_EQ(LastPublished(), before);
}

}  // namespace
}  // namespace keyfold
