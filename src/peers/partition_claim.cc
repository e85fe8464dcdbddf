#include "peers/partition_claim.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace keyfold {

std::string ClaimKeyOf(int32_t partition) { return absl::StrCat("accounts/", partition); }

std::string FormatPartitionClaim(const PartitionClaim& claim) {
  return nlohmann::ordered_json(
             {{"partition", claim.partition}, {"instance", claim.instance}, {"url", claim.url}, {"since", claim.since}})
      .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::optional<PartitionClaim> ParsePartitionClaim(std::string_view text) {
  const auto json = nlohmann::json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  for (const char* member : {"instance", "url", "since"}) {
    if (!json.contains(member) || !json[member].is_string()) return std::nullopt;
  }
  if (!json.contains("partition") || !json["partition"].is_number_unsigned()) return std::nullopt;
  const auto partition = json["partition"].get<uint64_t>();
  if (partition > static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) return std::nullopt;
  return PartitionClaim{static_cast<int32_t>(partition), json["instance"].get<std::string>(),
                        json["url"].get<std::string>(), json["since"].get<std::string>()};
}

}  // namespace keyfold
