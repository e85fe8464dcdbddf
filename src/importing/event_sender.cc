#include "importing/event_sender.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "keyfold/record.h"
#include "report/progress.h"

namespace keyfold {
namespace {

constexpr size_t kBatchEvents = 10'000;
constexpr int64_t kBatchUnits = 100'000;
constexpr size_t kBatchBytes = size_t{16} << 20;
constexpr absl::Duration kWaitSlice = absl::Milliseconds(200);  // so that Ctrl-C is heard while brokers do not answer
constexpr absl::Duration kDeliveryMax = absl::Minutes(6);       // librdkafka itself gives up after five

class Sender {
 public:
  Sender(const EventSending& sending, SentEvents& sent, KafkaProducer& producer)
      : sending_(sending), sent_(sent), producer_(producer) {}

  absl::Status Take(SentEvents::Unit unit, std::string_view key, MappedUnit mapped) {
    KEYFOLD_ASSIGN_OR_RETURN(std::vector<v1::AccountEvent> to_send,
                             sent_.Plan(unit, key, std::move(mapped.events), mapped.rejections.empty()));
    for (v1::AccountEvent& event : to_send) {
      bytes_ += event.ByteSizeLong();
      batch_.push_back(std::move(event));
    }
    const bool full = batch_.size() >= kBatchEvents || bytes_ >= kBatchBytes || ++units_ % kBatchUnits == 0;
    return full ? Flush() : absl::OkStatus();
  }

  absl::Status Flush() {
    if (sending_.stopped()) return absl::CancelledError("interrupted");
    KEYFOLD_RETURN_IF_ERROR(sent_.Store());
    if (batch_.empty()) return absl::OkStatus();
    for (const v1::AccountEvent& event : batch_) KEYFOLD_RETURN_IF_ERROR(Send(event));
    KEYFOLD_RETURN_IF_ERROR(producer_.Flush(kDeliveryMax, sending_.stopped));
    const DeliveryFailures& failures = producer_.failures();
    if (failures.count > 0) {
      return absl::DataLossError(absl::StrCat(failures.count,
                                              " records were not delivered: ", std::string(failures.first.message()),
                                              "; the next run sends them again"));
    }
    progress_.Advance(static_cast<int64_t>(batch_.size()));
    batch_.clear();
    bytes_ = 0;
    return sent_.Delivered();
  }

 private:
  absl::Status Send(const v1::AccountEvent& event) {
    const std::string value = event.SerializeAsString();
    ProducerRecord record;
    record.value = value;
    record.headers = &headers_;
    if (sending_.stamp_occurred_at) {
      record.timestamp_ms = event.occurred_at().seconds() * 1000 + event.occurred_at().nanos() / 1'000'000;
    }
    if (!event.account_id().empty()) {
      record.key = event.account_id();
      return Produce(record);
    }
    for (int32_t partition = 0; partition < sending_.partitions; ++partition) {
      record.partition = partition;
      KEYFOLD_RETURN_IF_ERROR(Produce(record));
    }
    return absl::OkStatus();
  }

  absl::Status Produce(const ProducerRecord& record) {
    while (true) {
      const absl::Status status = producer_.Produce(sending_.topic, record, kWaitSlice);
      if (!absl::IsResourceExhausted(status)) return status;
      if (sending_.stopped()) return absl::CancelledError("interrupted");
      // Where deliveries fail for good, the queue will not empty.
      if (producer_.failures().count > 0) return producer_.failures().first;
    }
  }

  const EventSending& sending_;
  SentEvents& sent_;
  KafkaProducer& producer_;
  const std::vector<RecordHeader> headers_ = {{"content-type", "application/protobuf"}};
  std::vector<v1::AccountEvent> batch_;
  size_t bytes_ = 0;
  int64_t units_ = 0;
  Progress progress_{"events"};
};

}  // namespace

absl::Status SendImport(Import& import, const EventSending& sending, SentEvents& sent, KafkaProducer& producer) {
  Sender sender(sending, sent, producer);
  std::vector<std::string> columns;
  for (const ColumnUse& column : import.mapping().columns()) columns.push_back(column.name);
  columns.emplace_back();  // the account
  KEYFOLD_RETURN_IF_ERROR(import.ForEachUnit(
      [&](Mapping::Section section, std::string_view key, MappedUnit mapped) {
        const auto unit = section == Mapping::Section::kOnce ? SentEvents::Unit::kOnce : SentEvents::Unit::kRows;
        return sender.Take(unit, key, std::move(mapped));
      },
      [&](std::string_view key, KeyedRows& rows) { return sent.AddHistory(key, columns, rows); }));
  return sender.Flush();
}

}  // namespace keyfold
