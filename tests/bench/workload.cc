#include "bench/workload.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <variant>

#include "cli/default_catalog.h"
#include "cli/sample_history.h"

namespace keyfold {
namespace {

constexpr uint64_t kSeed = 20'250'701;

SampleOptions OptionsOf(const Workload& workload) {
  SampleOptions options;
  options.accounts = workload.accounts;
  options.events = workload.events;
  options.seed = kSeed;
  options.zipf_exponent = workload.zipf_exponent;
  return options;
}

std::string Encode(const v1::AccountEvent& event, Encoding encoding) {
  if (encoding == Encoding::kProtobuf) return event.SerializeAsString();
  std::string json;
  google::protobuf::util::JsonPrintOptions format;
  format.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(event, &json, format).ok()) {
    Require(absl::InternalError("an event has no JSON"));
  }
  return json;
}

History Generate(const Workload& workload, Encoding encoding) {
  const std::unique_ptr<SampleHistory> sample = Require(SampleHistory::Create(OptionsOf(workload)));
  History history;
  history.reserve(static_cast<size_t>(workload.events));
  v1::AccountEvent event;
  while (sample->Next(event) == SampleStep::kEvent) history.push_back({event.account_id(), Encode(event, encoding)});
  return history;
}

}  // namespace

const History& HistoryOf(const Workload& workload, Encoding encoding) {
  static std::pair<Workload, Encoding> kept;
  static History history;
  if (history.empty() || kept != std::pair(workload, encoding)) {
    history = History();  // its memory is needed for the next one
    history = Generate(workload, encoding);
    kept = {workload, encoding};
  }
  return history;
}

std::vector<Record> MakeRecords(const History& history, size_t from, size_t to, size_t day_moves_at) {
  constexpr int64_t kDayMs = 86'400'000;
  std::vector<Record> records;
  records.reserve(to - from);
  for (size_t i = from; i < to; ++i) {
    Record& record = records.emplace_back();
    record.offset = static_cast<int64_t>(i);
    record.timestamp_ms = (LastDay() - (i < day_moves_at ? 1 : 0)) * kDayMs + kDayMs / 2;
    record.key = history[i].key;
    record.value = history[i].value;
  }
  return records;
}

Day LastDay() { return SampleOptions().to; }

const Catalog& BenchCatalog() {
  static const Catalog catalog = Require(Catalog::Parse(kDefaultCatalog, "deploy/catalog.yaml", {}));
  return catalog;
}

std::vector<ValidEvent> DecodeEvents(const History& history, size_t from, size_t to) {
  const Decoder decoder(BenchCatalog().reporting_currency());
  std::vector<ValidEvent> events;
  events.reserve(to - from);
  for (const Record& record : MakeRecords(history, from, to, history.size())) {
    DecodedRecord decoded = decoder.Decode(record);
    if (!std::holds_alternative<ValidEvent>(decoded)) Require(absl::InternalError("a sample event is rejected"));
    events.push_back(std::get<ValidEvent>(std::move(decoded)));
  }
  return events;
}

}  // namespace keyfold
