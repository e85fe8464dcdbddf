#include "bench/workload.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <variant>

#include "absl/strings/str_cat.h"
#include "account/entity.h"
#include "config/default_catalog.h"
#include "sample/history.h"
#include "sample/random_numbers.h"
#include "sample/script.h"

namespace keyfold {
namespace {

constexpr uint64_t kSeed = 20'250'701;

// An account of the sample for a hundred events: fewer, and opening accounts would be most of what happens.
SampleOptions OptionsOf(const Workload& workload) {
  SampleOptions options;
  options.accounts = std::clamp<int64_t>(workload.events / 100, 1, workload.accounts);
  options.events = workload.events;
  options.seed = kSeed;
  options.zipf_exponent = 0;
  return options;
}

// Spreads the sample's orders, meetings, opportunities ... over the accounts of the workload, so that their frequencies
// are those asked for. What belongs to an account itself (master data, plans) stays where it is. An account
// gets amounts in several currencies that way: more ledgers than in life must be summed anew.
class Spreader {
 public:
  explicit Spreader(const Workload& workload)
      : random_(kSeed),
        account_count_(static_cast<size_t>(workload.accounts)),
        frequencies_(account_count_, workload.zipf_exponent) {}

  void MoveToAccount(v1::AccountEvent& event) {
    if (event.account_id().empty()) return;
    const EntityRef entity = PrimaryEntity(event);
    if (entity.kind == EntityKind::kAccount || entity.kind == EntityKind::kPlans) return;
    const auto [place, is_new] = accounts_.try_emplace(
        absl::StrCat(event.account_id(), "/", static_cast<int>(entity.kind), "/", entity.id), size_t{0});
    if (is_new) place->second = frequencies_.Pick(random_, account_count_);
    event.set_account_id(SampleAccountId(static_cast<uint32_t>(place->second)));
  }

 private:
  SampleRandom random_;
  size_t account_count_;
  ZipfTable frequencies_;
  std::unordered_map<std::string, size_t> accounts_;  // by entity
};

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
  Spreader spreader(workload);
  History history;
  v1::AccountEvent event;
  while (sample->Next(event) == SampleStep::kEvent) {
    spreader.MoveToAccount(event);
    history.Add(event.account_id(), Encode(event, encoding));
  }
  return history;
}

}  // namespace

std::string_view History::Keep(std::string_view bytes) {
  constexpr size_t kBlockBytes = size_t{64} << 20;  // malloc maps blocks of this size
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < bytes.size()) {
    blocks_.emplace_back().reserve(std::max(kBlockBytes, bytes.size()));
  }
  std::string& block = blocks_.back();
  block.append(bytes);
  return std::string_view(block).substr(block.size() - bytes.size());
}

void History::Add(std::string_view key, std::string_view value) {
  const std::string_view kept_key = Keep(key);
  records_.push_back({kept_key, Keep(value)});
}

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
