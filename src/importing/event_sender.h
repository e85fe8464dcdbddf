// Events of an import into the input topic, in batches of which each is known to have arrived before the next.
#ifndef KEYFOLD_IMPORTING_EVENT_SENDER_H_
#define KEYFOLD_IMPORTING_EVENT_SENDER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "importing/import.h"
#include "importing/sent_events.h"
#include "kafka/producer.h"
#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

// How the records of an import are written.
struct EventSending {
  std::string topic;
  int32_t partitions = 1;          // control events go to each
  bool stamp_occurred_at = false;  // records carry the time of their events; otherwise of the sending
  std::function<bool()> stopped = [] { return false; };
};

// Sends what `sent` says that there is to be sent of all units of an import that was read. Cancelled: stopped; what is
// missing is sent by the next run. Errors: those of the store and of the producer, and DataLoss where records were not
// delivered, with how many and why.
absl::Status SendImport(Import& import, const EventSending& sending, SentEvents& sent, KafkaProducer& producer);

}  // namespace keyfold

#endif  // KEYFOLD_IMPORTING_EVENT_SENDER_H_
