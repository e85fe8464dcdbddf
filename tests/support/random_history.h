// Seeded histories for properties and simulations: few accounts and entities, so that events tangle; late, duplicated,
// revised, retracted, erased and wrong records among them.
#ifndef KEYFOLD_TESTS_SUPPORT_RANDOM_HISTORY_H_
#define KEYFOLD_TESTS_SUPPORT_RANDOM_HISTORY_H_

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "keyfold/v1/account_event.pb.h"
#include "support/memory_cluster.h"

namespace keyfold {

class RandomHistory {
 public:
  explicit RandomHistory(uint64_t seed) : random_(seed) {}

  // The next record of the log, with a timestamp that moves on over days, sometimes stands still, never goes back much.
  MemoryRecord Next();

  // A valid event that was not seen before.
  v1::AccountEvent NewEvent();

  int64_t Number(int64_t min, int64_t max) { return std::uniform_int_distribution<int64_t>(min, max)(random_); }
  bool Chance(int percent) { return Number(1, 100) <= percent; }

 private:
  std::string Id(const char* prefix, int64_t count) { return prefix + std::to_string(Number(1, count)); }
  std::string Date();
  void SetMoney(v1::Money* money);
  void AddLines(google::protobuf::RepeatedPtrField<v1::Line>* lines);
  void SetAccountPayload(v1::AccountEvent& event);
  void SetOrderPayload(v1::AccountEvent& event);
  void SetPeoplePayload(v1::AccountEvent& event);
  void SetContractPayload(v1::AccountEvent& event);
  void SetPipelinePayload(v1::AccountEvent& event);
  MemoryRecord ToRecord(const v1::AccountEvent& event) const;

  std::mt19937_64 random_;
  std::vector<v1::AccountEvent> seen_;
  int64_t next_id_ = 0;
  int64_t now_ms_ = 1'767'225'600'000;  // 2026-01-01T00:00Z
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_RANDOM_HISTORY_H_
