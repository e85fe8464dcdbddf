#include "mapped/produce_mapped.h"

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "importing/sent_events.h"
#include "kafka/log_range.h"
#include "kafka/producer.h"
#include "kafka/topic_follower.h"

namespace keyfold {
namespace {

constexpr absl::Duration kBrokersWaitMax = absl::Seconds(30);

// Where the partitions of the topic end, all together.
absl::StatusOr<int64_t> EndOf(const KafkaProducer& producer, const EventSending& sending) {
  int64_t end = 0;
  for (int32_t partition = 0; partition < sending.partitions; ++partition) {
    KEYFOLD_ASSIGN_OR_RETURN(const LogRange range,
                             QueryLogRange(producer.client(), sending.topic, partition, kBrokersWaitMax));
    end += range.end;
  }
  return end;
}

// What was sent to this topic by this mapping before.
absl::StatusOr<std::unique_ptr<SentEvents>> OpenSent(const MapFlags& flags, const Mapping& mapping,
                                                     const Config& config, const KafkaConnection& connection) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string cluster, ReadClusterId(connection, kBrokersWaitMax));
  const std::string directory = !flags.sent_directory.empty()
                                    ? flags.sent_directory
                                    : absl::StrCat(config.state_directory, "/imports/", mapping.name());
  return SentEvents::Open(directory, absl::StrCat("topic ", config.events_topic, " of cluster ", cluster),
                          mapping.system());
}

}  // namespace

absl::StatusOr<bool> ProduceMapped(const MapFlags& flags, const std::vector<std::string>& files, const Config& config,
                                   const KafkaConnection& connection, const EventSending& sending) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<Import> import, OpenImport(flags, files));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<SentEvents> sent,
                           OpenSent(flags, import->mapping(), config, connection));
  KEYFOLD_ASSIGN_OR_RETURN(const std::unique_ptr<KafkaProducer> producer, KafkaProducer::Create(connection));
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t end_before, EndOf(*producer, sending));
  KEYFOLD_RETURN_IF_ERROR(sent->CheckEnd(end_before));
  absl::Status status = import->Read(sending.stopped);
  if (status.ok()) status = SendImport(*import, sending, *sent, *producer);
  if (absl::IsCancelled(status)) {
    std::cerr << "stopped: " << status.message() << "; started again it goes on where it was\n";
    return false;
  }
  KEYFOLD_RETURN_IF_ERROR(status);
  KEYFOLD_ASSIGN_OR_RETURN(const int64_t end, EndOf(*producer, sending));
  KEYFOLD_RETURN_IF_ERROR(sent->NoteEnd(end));
  import->PrintSummary(std::cerr);
  const SentCounts& counts = sent->counts();
  std::cerr << "sent to " << sending.topic << ": " << counts.is_new << " new, " << counts.corrected << " corrected, "
            << counts.retracted << " retracted; " << counts.unchanged << " were sent before\n";
  return import->summary().rejected_rows() == 0;
}

}  // namespace keyfold
