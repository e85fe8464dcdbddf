#include "engine/shard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/account_reader.h"
#include "engine/store_keys.h"
#include "engine/stored_account.h"
#include "xxhash.h"

namespace keyfold {
namespace {

constexpr int64_t kNoTime = -1;

bool IsRate(const DecodedRecord& decoded) {
  const auto* event = std::get_if<ValidEvent>(&decoded);
  return event != nullptr && (*event)->has_fx_rate_set();
}

int64_t FloorSeconds(int64_t milliseconds) {
  return milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000;
}

}  // namespace

Shard::Shard(std::unique_ptr<ShardStore> store, const Catalog& catalog, const UpdateFormat& format,
             const ShardIdentity& identity)
    : store_(std::move(store)),
      catalog_(catalog),
      format_(format),
      identity_(identity),
      decoder_(catalog.reporting_currency()) {}

// --- opening ---------------------------------------------------------------------------------------------------------

absl::StatusOr<std::unique_ptr<Shard>> Shard::Open(std::unique_ptr<ShardStore> store, const Catalog& catalog,
                                                   const UpdateFormat& format, const ShardIdentity& identity) {
  std::unique_ptr<Shard> shard(new Shard(std::move(store), catalog, format, identity));
  KEYFOLD_RETURN_IF_ERROR(shard->Load());
  return shard;
}

absl::Status Shard::Load() {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_->Get(MetaKey()));
  if (!bytes.has_value()) {
    meta_.set_format_version(kFormatVersion);
    meta_.set_catalog_hash(catalog_.hash());
    meta_.set_cluster_id(identity_.cluster_id);
    meta_.set_topic(identity_.topic);
    meta_.set_partition(identity_.partition);
    meta_.set_stream_time_ms(kNoTime);
    meta_.set_last_record_offset(-1);
    return absl::OkStatus();
  }
  if (!meta_.ParseFromString(*bytes)) return absl::DataLossError("the shard's meta record is damaged");
  KEYFOLD_RETURN_IF_ERROR(CheckIdentity());
  batch_from_ = meta_.next_offset();
  KEYFOLD_ASSIGN_OR_RETURN(rates_, ReadRates(*store_));
  return absl::OkStatus();
}

absl::Status Shard::CheckIdentity() const {
  const std::string shard = absl::StrCat("the shard of ", meta_.topic(), "/", meta_.partition());
  if (meta_.format_version() != kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(shard, " has format ", meta_.format_version(),
                                                      ", this version of keyfold writes ", kFormatVersion,
                                                      ": fold the log anew with --projection NEW_NAME"));
  }
  if (meta_.catalog_hash() != catalog_.hash()) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, " was built with catalogue ", meta_.catalog_hash(), ", this one is ", catalog_.hash(),
                     " (catalogue file, parameters, time zone, currency or fiscal year differ): go back to the former "
                     "configuration, or fold the log anew with --projection NEW_NAME"));
  }
  if (meta_.topic() != identity_.topic || meta_.partition() != identity_.partition) {
    return absl::FailedPreconditionError(absl::StrCat(shard, " was found where that of ", identity_.topic, "/",
                                                      identity_.partition, " belongs: check state_directory"));
  }
  if (meta_.cluster_id() != identity_.cluster_id) {
    return absl::FailedPreconditionError(
        absl::StrCat(shard, " belongs to Kafka cluster '", meta_.cluster_id(), "', this one is '", identity_.cluster_id,
                     "': check kafka.bootstrap.servers, or fold this cluster's log with "
                     "--projection NEW_NAME"));
  }
  return absl::OkStatus();
}

// --- time ------------------------------------------------------------------------------------------------------------

Day Shard::DayAt(int64_t stream_time_ms) const {
  return catalog_.calendar().DayOf(std::max<int64_t>(FloorSeconds(stream_time_ms), 0));
}

const EvaluationDay& Shard::At(Day day) {
  constexpr size_t kDaysKept = 16;
  const auto known = days_.find(day);
  if (known != days_.end()) return known->second;
  if (days_.size() >= kDaysKept)
    days_.erase(days_.begin()->first == CurrentDay() ? std::next(days_.begin()) : days_.begin());
  return days_.emplace(day, EvaluationDay(catalog_, day)).first->second;
}

void Shard::BeginEpoch(int64_t offset) {
  v1::SweepProgress& sweep = *meta_.mutable_sweep();
  // A sweep that was under way is given up: where it stood is known, unless its slices are being skipped by a replay.
  const bool progress_unknown = replayed_.has_value() && !replays_one_transaction_;
  sweep.set_publish_all(sweep.active() && (sweep.publish_all() || progress_unknown));
  sweep.set_active(true);
  sweep.clear_after_account();
  meta_.set_epoch_offset(offset);
}

// --- the batch -------------------------------------------------------------------------------------------------------

absl::StatusOr<size_t> Shard::Fold(std::span<const Record> records, Outputs mode, std::vector<OutputRecord>& outputs) {
  batch_from_ = meta_.next_offset();
  std::vector<DecodedRecord> decoded;
  decoded.reserve(records.size());
  bool account_records = false;
  for (const Record& record : records) {
    const int64_t stream_time_ms = std::max(meta_.stream_time_ms(), record.timestamp_ms);
    const bool moves_day = stream_time_ms != meta_.stream_time_ms() &&
                           (meta_.stream_time_ms() == kNoTime || DayAt(stream_time_ms) != CurrentDay());
    if (moves_day && !decoded.empty()) break;
    DecodedRecord next = decoder_.Decode(record);
    if (IsRate(next) && account_records) break;
    account_records |= !IsRate(next);
    if (moves_day) BeginEpoch(record.offset);
    meta_.set_stream_time_ms(stream_time_ms);
    decoded.push_back(std::move(next));
  }

  FoldBatch batch(*store_, catalog_.calendar());
  std::vector<const v1::AccountEvent*> events;
  for (const DecodedRecord& record : decoded) {
    const auto* event = std::get_if<ValidEvent>(&record);
    if (event != nullptr && !(*event)->has_clock_advanced()) events.push_back(&**event);
  }
  KEYFOLD_RETURN_IF_ERROR(batch.Prefetch(events));
  std::vector<OutputRecord> results;
  for (size_t i = 0; i < decoded.size(); ++i) {
    KEYFOLD_RETURN_IF_ERROR(ApplyRecord(batch, records[i], std::move(decoded[i]), results));
  }
  KEYFOLD_ASSIGN_OR_RETURN(const auto changes, batch.Finish(writes_, rates_));
  KEYFOLD_RETURN_IF_ERROR(EvaluateChanged(changes, results));

  const Record& last = records[decoded.size() - 1];
  meta_.set_next_offset(last.offset + 1);
  meta_.set_last_record_offset(last.offset);
  meta_.set_last_record_hash(Fingerprint(last));
  counts_.records += static_cast<int64_t>(decoded.size());
  if (mode == Outputs::kPublish) {
    outputs.insert(outputs.end(), std::make_move_iterator(results.begin()), std::make_move_iterator(results.end()));
  }
  return decoded.size();
}

absl::Status Shard::ApplyRecord(FoldBatch& batch, const Record& record, DecodedRecord decoded,
                                std::vector<OutputRecord>& outputs) {
  if (const auto* rejection = std::get_if<Rejection>(&decoded)) {
    Reject(record, *rejection, outputs);
    return absl::OkStatus();
  }
  if (const auto* erasure = std::get_if<Erasure>(&decoded)) {
    batch.Erase(erasure->account_id, record.offset);
    ++counts_.erasures;
    return absl::OkStatus();
  }
  const bool is_rate = IsRate(decoded);
  KEYFOLD_ASSIGN_OR_RETURN(auto result,
                           batch.Apply(std::get<ValidEvent>(std::move(decoded)), record.timestamp_ms, record.offset));
  if (const auto* rejection = std::get_if<Rejection>(&result)) {
    Reject(record, *rejection, outputs);
    return absl::OkStatus();
  }
  switch (std::get<FoldOutcome>(result)) {
    case FoldOutcome::kApplied:
      ++counts_.applied;
      if (is_rate) BeginEpoch(record.offset);
      break;
    case FoldOutcome::kDuplicate:
      ++counts_.duplicates;
      break;
    case FoldOutcome::kSuperseded:
      ++counts_.superseded;
      break;
  }
  return absl::OkStatus();
}

void Shard::Reject(const Record& record, const Rejection& rejection, std::vector<OutputRecord>& outputs) {
  ++counts_.rejected;
  OutputRecord letter;
  letter.topic = OutputTopic::kDeadLetters;
  if (record.key.has_value()) letter.key = std::string(*record.key);
  if (record.value.has_value()) letter.value = std::string(*record.value);
  letter.headers = record.headers;
  letter.timestamp_ms = record.timestamp_ms;
  letter.headers.push_back({"error.code", std::string(RejectionCodeName(rejection.code))});
  letter.headers.push_back({"error.message", rejection.message});
  letter.headers.push_back({"error.topic", identity_.topic});
  letter.headers.push_back({"error.partition", absl::StrCat(record.partition)});
  letter.headers.push_back({"error.offset", absl::StrCat(record.offset)});
  outputs.push_back(std::move(letter));
}

// --- evaluation ------------------------------------------------------------------------------------------------------

absl::Status Shard::EvaluateChanged(const std::map<std::string, AccountChange>& changes,
                                    std::vector<OutputRecord>& outputs) {
  std::vector<std::string> keys;
  keys.reserve(changes.size());
  for (const auto& [account_id, change] : changes) keys.push_back(AccountKey(account_id));
  std::sort(keys.begin(), keys.end());
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, store_->MultiGet(keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string account_id(AccountIdOf(keys[i]));
    std::optional<v1::StoredAccount> stored;
    if (values[i].has_value()) {
      KEYFOLD_ASSIGN_OR_RETURN(stored, ParseStoredAccount(account_id, *values[i]));
    }
    KEYFOLD_RETURN_IF_ERROR(EvaluateOne(account_id, changes.at(account_id), stored, outputs));
    touched_.insert(account_id);
  }
  return absl::OkStatus();
}

absl::StatusOr<ComponentValues> Shard::ComponentsAfter(const std::string& account_id, const AccountChange& change,
                                                       const std::optional<v1::StoredAccount>& stored) {
  const EvaluationDay& evaluation = At(CurrentDay());
  const bool begins = change.erased || !stored.has_value();
  // Components of another day, or converted with rates that may have changed since, are of no use.
  const bool stale = !begins && (stored->day() != evaluation.day ||
                                 (stored->foreign() && stored->last_offset() < meta_.epoch_offset()));
  if (!stale) {
    ComponentValues components = begins ? ComponentValues(catalog_) : FromStored(catalog_, *stored);
    if (AddToComponents(evaluation, change.delta, components)) return components;
  }
  std::vector<Contribution> ledger;
  if (!begins) {
    KEYFOLD_ASSIGN_OR_RETURN(ledger, ReadLedger(*store_, account_id));
    std::sort(ledger.begin(), ledger.end(),
              [](const Contribution& a, const Contribution& b) { return a.cell < b.cell; });
  }
  return SumComponents(evaluation, AddContributions(ledger, change.delta), rates_);
}

absl::Status Shard::EvaluateOne(const std::string& account_id, const AccountChange& change,
                                const std::optional<v1::StoredAccount>& stored, std::vector<OutputRecord>& outputs) {
  const bool was_published = stored.has_value() && stored->live_events() > 0;
  const int64_t live_before = change.erased || !stored.has_value() ? 0 : stored->live_events();
  const int64_t live = live_before + change.live_events;
  if (!change.erased || change.edited) {
    KEYFOLD_ASSIGN_OR_RETURN(const ComponentValues components, ComponentsAfter(account_id, change, stored));
    writes_.Put(AccountKey(account_id),
                ToStored(components, CurrentDay(), live, change.last_offset).SerializeAsString());
    if (live > 0) {
      const bool afresh = !was_published || change.erased;
      Publish(account_id, afresh ? nullptr : &*stored, components, change.last_offset, change.correlation_id,
              /*always=*/afresh, outputs);
    }
  }
  if (live == 0 && was_published) {
    ++counts_.updates;
    outputs.push_back({OutputTopic::kAccountKpis, account_id, std::nullopt, {}, -1});
  }
  return absl::OkStatus();
}

void Shard::Publish(const std::string& account_id, const v1::StoredAccount* before, const ComponentValues& after,
                    int64_t offset, const std::string& correlation_id, bool always,
                    std::vector<OutputRecord>& outputs) {
  const EvaluationDay& evaluation = At(CurrentDay());
  v1::KpiUpdate update = MakeUpdate(evaluation, before == nullptr ? nullptr : &At(before->day()), before, after);
  if (!always && update.changed().empty() && SameMissingRates(*before, after)) return;
  update.set_account_id(account_id);
  update.set_source_partition(identity_.partition);
  update.set_source_offset(offset);
  update.set_correlation_id(correlation_id);
  ++counts_.updates;
  outputs.push_back({OutputTopic::kAccountKpis, account_id, format_.Encode(update), {}, -1});
}

uint64_t Shard::Fingerprint(const Record& record) {
  uint64_t hash = XXH3_64bits_withSeed(&record.timestamp_ms, sizeof(record.timestamp_ms), 0);
  for (const auto& part : {record.key, record.value}) {
    const std::string_view bytes = part.value_or(std::string_view());
    hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash + (part.has_value() ? 1 : 0));
  }
  return hash;
}

}  // namespace keyfold
