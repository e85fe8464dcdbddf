// An export into the input topic: what `produce` does with --map.
#ifndef KEYFOLD_MAPPED_PRODUCE_MAPPED_H_
#define KEYFOLD_MAPPED_PRODUCE_MAPPED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "importing/event_sender.h"
#include "kafka/connection.h"
#include "mapped/map_flags.h"

namespace keyfold {

// Sends what differs from what was sent before, and says so on standard error. False: a row was rejected, or it was
// stopped before the end.
absl::StatusOr<bool> ProduceMapped(const MapFlags& flags, const std::vector<std::string>& files, const Config& config,
                                   const KafkaConnection& connection, const EventSending& sending);

}  // namespace keyfold

#endif  // KEYFOLD_MAPPED_PRODUCE_MAPPED_H_
