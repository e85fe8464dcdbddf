#include "engine/account_shard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/milliseconds.h"
#include "base/status_macros.h"
#include "fold/list_problems.h"
#include "state/account_reader.h"
#include "state/store_keys.h"

namespace keyfold {
namespace {

bool IsRate(const DecodedRecord& decoded) {
  const auto* event = std::get_if<ValidEvent>(&decoded);
  return event != nullptr && (*event)->has_fx_rate_set();
}

void AnnounceTo(FoldBatch& batch, const DecodedRecord& decoded) {
  if (const auto* const event = std::get_if<ValidEvent>(&decoded)) return batch.Announce(**event);
  const auto* const list = std::get_if<EventList>(&decoded);
  if (list == nullptr) return;
  for (const auto& each : list->events) {
    if (const auto* const event = std::get_if<ValidEvent>(&each)) batch.Announce(**event);
  }
}

}  // namespace

AccountShard::AccountShard(GatheringStore& gathered, std::unique_ptr<ShardStore> store, const Catalog& catalog,
                           const UpdateFormat& format, const ShardIdentity& identity, AccountShardOptions options,
                           bool keeps_back)
    : catalog_(catalog),
      format_(format),
      decoder_(catalog.reporting_currency()),
      memory_(std::move(options.memory)),
      keeps_back_(keeps_back),
      gathered_(gathered),
      book_(std::move(store), identity),
      accounts_(*book_.store, catalog, *memory_),
      time_bound_(book_.meta, std::move(options.clock)),
      days_(catalog),
      group_changes_(catalog) {}

absl::StatusOr<std::unique_ptr<AccountShard>> AccountShard::Open(std::unique_ptr<GatheringStore> store,
                                                                 const Catalog& catalog, const UpdateFormat& format,
                                                                 const ShardIdentity& identity,
                                                                 AccountShardOptions options) {
  const bool keeps_back = options.memory != nullptr;
  if (!keeps_back) options.memory = std::make_shared<MemoryBudget>(-1);  // always exceeded
  const int64_t ahead_ms_max = options.ahead_ms_max;
  GatheringStore& gathered = *store;
  std::unique_ptr<AccountShard> shard(
      new AccountShard(gathered, std::move(store), catalog, format, identity, std::move(options), keeps_back));
  KEYFOLD_RETURN_IF_ERROR(shard->Load(ahead_ms_max));
  return shard;
}

absl::Status AccountShard::Load(int64_t ahead_ms_max) {
  KEYFOLD_ASSIGN_OR_RETURN(const bool existed, book_.Load(catalog_));
  if (!existed) {
    book_.meta.set_ahead_ms_max(ahead_ms_max);
    book_.meta.set_reporting_currency(catalog_.reporting_currency().code());
    return absl::OkStatus();
  }
  if (book_.meta.ahead_ms_max() != ahead_ms_max) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the shard of ", book_.meta.topic(), "/", book_.meta.partition(), " was built with time.ahead_days_max ",
        book_.meta.ahead_ms_max() / kDayMs, ", not ", ahead_ms_max / kDayMs,
        ": which records were rejected depends on it; go back to it, or fold the log anew with --projection NEW_NAME"));
  }
  KEYFOLD_ASSIGN_OR_RETURN(rates_, ReadRates(*book_.store));
  return absl::OkStatus();
}

// --- time ------------------------------------------------------------------------------------------------------------

Day AccountShard::DayAt(int64_t stream_time_ms) const { return StreamDay(catalog_.calendar(), stream_time_ms); }

void AccountShard::BeginEpoch(const Record& record, bool moves_day) {
  // A sweep that was under way is given up: where it stood is known, unless its slices are being skipped by a replay.
  const bool progress_unknown = replayed_.has_value() && (!replays_one_transaction_ || book_.meta.sweep_behind());
  const v1::SweepProgress& given_up = book_.meta.sweep();
  v1::SweepProgress sweep;
  sweep.set_publish_all(given_up.active() && (given_up.publish_all() || progress_unknown));
  sweep.set_alerts_known(sweep.publish_all() && given_up.alerts_known() && !progress_unknown);
  sweep.set_rebuilt(given_up.rebuilt());
  sweep.set_day_moved(moves_day || given_up.day_moved());
  sweep.set_active(true);
  *book_.meta.mutable_sweep() = sweep;
  book_.meta.clear_sweep_behind();
  book_.meta.set_epoch_offset(record.offset);
  book_.meta.set_epoch_recorded_at_ms(record.timestamp_ms);
}

// What the decoder or the clock refuses moves no time: it may hold anything, and so may its timestamp.
DecodedRecord AccountShard::Decode(const Record& record, google::protobuf::Arena& arena, int64_t* stream_time_ms) {
  DecodedRecord decoded = decoder_.Decode(record, &arena);
  if (std::holds_alternative<Rejection>(decoded)) return decoded;
  std::optional<Rejection> refused = time_bound_.Check(record);
  if (!refused.has_value()) {
    *stream_time_ms = std::max(*stream_time_ms, record.timestamp_ms);
  } else if (!std::holds_alternative<Erasure>(decoded)) {
    return *std::move(refused);
  }
  return decoded;  // an erasure holds nothing that could be wrong but its time: it is obeyed
}

// --- the batch -------------------------------------------------------------------------------------------------------

// Decodes the records of one batch, and moves stream time to its end.
absl::StatusOr<std::vector<DecodedRecord>> AccountShard::DecodeBatch(std::span<const Record> records,
                                                                     google::protobuf::Arena& arena, FoldBatch& batch) {
  std::vector<DecodedRecord> decoded;
  decoded.reserve(records.size());
  time_bound_.BeginBatch();
  bool account_records = false;
  for (const Record& record : records) {
    int64_t stream_time_ms = book_.meta.stream_time_ms();
    DecodedRecord next = Decode(record, arena, &stream_time_ms);
    const bool moves_day = stream_time_ms != book_.meta.stream_time_ms() &&
                           (book_.meta.stream_time_ms() == kNoTime || DayAt(stream_time_ms) != CurrentDay());
    if (moves_day && !decoded.empty()) break;
    if (IsRate(next) && account_records) break;
    account_records |= !IsRate(next);
    // How far a sweep has come is known of the last transaction only: no gap may begin before an epoch. And what is not
    // written from now on was touched in this epoch: the sweep need not look at it.
    if (decoded.empty() && (moves_day || IsRate(next))) KEYFOLD_RETURN_IF_ERROR(FlushKept());
    if (moves_day) BeginEpoch(record, /*moves_day=*/true);
    book_.meta.set_stream_time_ms(stream_time_ms);
    AnnounceTo(batch, decoded.emplace_back(std::move(next)));
  }
  return decoded;
}

// At its end events and entities are let go of: what is published may take as much room.
absl::StatusOr<AccountShard::FoldedBatch> AccountShard::FoldBatchOf(std::span<const Record> records) {
  google::protobuf::Arena arena;
  FoldBatch batch(accounts_);
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<DecodedRecord> decoded, DecodeBatch(records, arena, batch));
  KEYFOLD_RETURN_IF_ERROR(batch.ReadAnnounced());
  for (size_t i = 0; i < decoded.size(); ++i) {
    KEYFOLD_RETURN_IF_ERROR(ApplyRecord(batch, records[i], decoded[i]));
  }
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<AccountChange> changes, batch.Finish(book_.writes, rates_));
  return FoldedBatch{decoded.size(), std::move(changes)};
}

absl::StatusOr<size_t> AccountShard::Fold(std::span<const Record> records) {
  book_.Begin();
  KEYFOLD_ASSIGN_OR_RETURN(const FoldedBatch folded, FoldBatchOf(records));
  const std::vector<AccountChange>& changes = folded.changes;
  for (size_t i = 0; i < changes.size(); ++i) {
    // The accounts of a batch lie anywhere in memory: tell the processor where, before it must wait.
    constexpr size_t kAhead = 4;
    if (i + 2 * kAhead < changes.size()) __builtin_prefetch(changes[i + 2 * kAhead].account);
    if (i + kAhead < changes.size()) __builtin_prefetch(changes[i + kAhead].account->state.get());
    KEYFOLD_RETURN_IF_ERROR(EvaluateOne(changes[i]));
  }
  accounts_.EndBatch();
  book_.End(records[folded.records - 1]);
  book_.counts.records += static_cast<int64_t>(folded.records);
  book_.counts.accounts_found = accounts_.found();
  book_.counts.accounts_looked_up = accounts_.looked_up();
  return folded.records;
}

absl::Status AccountShard::ApplyRecord(FoldBatch& batch, const Record& record, const DecodedRecord& decoded) {
  if (const auto* rejection = std::get_if<Rejection>(&decoded)) {
    book_.Reject(record, *rejection);
    return absl::OkStatus();
  }
  if (const auto* erasure = std::get_if<Erasure>(&decoded)) {
    KEYFOLD_RETURN_IF_ERROR(batch.Erase(erasure->account_id, record.timestamp_ms, record.offset));
    ++book_.counts.erasures;
    return absl::OkStatus();
  }
  if (const auto* list = std::get_if<EventList>(&decoded)) return ApplyList(batch, record, *list);
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Rejection> rejection,
                           ApplyEvent(batch, record, std::get<ValidEvent>(decoded)));
  if (rejection.has_value()) book_.Reject(record, *rejection);
  return absl::OkStatus();
}

// What the events of a list say is folded; what is wrong with the others goes into one dead letter, as they came in one
// record. Sent again, those that were right are duplicates.
absl::Status AccountShard::ApplyList(FoldBatch& batch, const Record& record, const EventList& list) {
  ListProblems problems(list.events.size());
  for (size_t i = 0; i < list.events.size(); ++i) {
    if (const auto* rejection = std::get_if<Rejection>(&list.events[i])) {
      problems.Add(i, *rejection);
      continue;
    }
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<Rejection> rejection,
                             ApplyEvent(batch, record, std::get<ValidEvent>(list.events[i])));
    if (rejection.has_value()) problems.Add(i, *rejection);
  }
  if (const std::optional<Rejection> rejection = problems.Take()) book_.Reject(record, *rejection);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Rejection>> AccountShard::ApplyEvent(FoldBatch& batch, const Record& record,
                                                                  const ValidEvent& event) {
  KEYFOLD_ASSIGN_OR_RETURN(auto result, batch.Apply(event, record.timestamp_ms, record.offset));
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::optional(std::move(*rejection));
  switch (std::get<FoldOutcome>(result)) {
    case FoldOutcome::kApplied:
      ++book_.counts.applied;
      if (event->has_fx_rate_set()) BeginEpoch(record, /*moves_day=*/false);
      break;
    case FoldOutcome::kDuplicate:
      ++book_.counts.duplicates;
      break;
    case FoldOutcome::kSuperseded:
      ++book_.counts.superseded;
      break;
  }
  return std::optional<Rejection>();
}

absl::StatusOr<std::vector<OutputRecord>> AccountShard::PrepareCommit() {
  const size_t before = book_.results.size();
  const GroupChanges::Origin origin{book_.identity.partition, book_.meta.last_record_offset(), CurrentDay()};
  KEYFOLD_RETURN_IF_ERROR(group_changes_.Finish(*book_.store, origin, book_.writes, book_.results));
  book_.counts.partials += static_cast<int64_t>(book_.results.size() - before);
  return book_.TakeResults();
}

absl::Status AccountShard::PostCommit() {
  KEYFOLD_RETURN_IF_ERROR(book_.Keep());
  if (!keeps_back_) return MakeRoom();
  return gathered_.full() ? FlushKept() : absl::OkStatus();
}

absl::Status AccountShard::MakeRoom() {
  accounts_.Trim();
  return crowded() ? FlushKept() : absl::OkStatus();
}

absl::Status AccountShard::Flush() { return book_.pending() ? absl::OkStatus() : FlushKept(); }

absl::Status AccountShard::FlushKept() {
  StoreBatch changes;
  accounts_.TakeChanges(changes);
  return gathered_.FlushWith(std::move(changes));
}

}  // namespace keyfold
