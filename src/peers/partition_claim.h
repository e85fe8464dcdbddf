// Which process has a partition of the events: what it tells the others on keyfold.<projection>.members.
#ifndef KEYFOLD_PEERS_PARTITION_CLAIM_H_
#define KEYFOLD_PEERS_PARTITION_CLAIM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keyfold {

// The last claim to a partition, by its offset in the topic, is the one that holds. None is ever taken back: until
// another process runs the partition, the one that had it knows most of it.
struct PartitionClaim {
  int32_t partition = 0;
  std::string instance;  // the process
  std::string url;       // where its gateway is reached (gateway.public_url)
  std::string since;     // when it began to run the partition, by its own clock: "2026-01-05T12:00:00Z"

  friend bool operator==(const PartitionClaim&, const PartitionClaim&) = default;
};

// The record: "accounts/3" -> {"partition":3,"instance":"worker-b","url":"https://b:8443","since":"…"}. Parsing gives
// nullopt for what is no claim.
std::string ClaimKeyOf(int32_t partition);
std::string FormatPartitionClaim(const PartitionClaim& claim);
std::optional<PartitionClaim> ParsePartitionClaim(std::string_view text);

}  // namespace keyfold

#endif  // KEYFOLD_PEERS_PARTITION_CLAIM_H_
