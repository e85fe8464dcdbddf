#include "kafka/consumer_settings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace keyfold {

ClientSettings ConsumerSettings(const KafkaEventLogOptions& options) {
  ClientSettings settings;
  settings.kind = ClientKind::kConsumer;
  settings.defaults = {
      // With librdkafka's default the fetcher pauses again and again as soon as the consumer does any work: 5 times
      // slower. The bytes are the limit, not the count.
      {"queued.min.messages", "1000000"},
      {"queued.max.messages.kbytes", absl::StrCat(std::max<size_t>(1, options.prefetch_bytes_max / 1024))},
      {"fetch.error.backoff.ms", "50"},
      // A new position (Fetch()) takes effect when the fetch that is under way has ended: not half a second later.
      {"fetch.wait.max.ms", "100"},
      {"session.timeout.ms", absl::StrCat(kSessionMilliseconds)},
      {"heartbeat.interval.ms", "1000"},
      {"enable.auto.offset.store", "false"},
  };
  if (!options.group_instance_id.empty()) settings.defaults["group.instance.id"] = options.group_instance_id;
  settings.required = {
      {"group.id", options.group_id},
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "error"},  // a lost position is the operator's business
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},  // tells of the end of a log behind its last record (Lag())
      // All at once. Cooperative rebalances take two steps, and the group forgets the second one when a static member
      // dies and comes back in between: partitions would then be nobody's until the next change of membership.
      {"partition.assignment.strategy", "range"},
  };
  return settings;
}

}  // namespace keyfold
