#include "fold/offline_fold.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kpi/group_sums.h"
#include "state/without_effect.h"

namespace keyfold {
namespace {

constexpr size_t kBatchRecords = 10'000;
constexpr int64_t kSecondsPerDay = 86'400;

}  // namespace

absl::Status OfflineFold::Add(DecodedRecord record, int64_t offset, const RejectionHandler& on_rejection) {
  if (auto* const list = std::get_if<EventList>(&record)) {
    for (auto& each : list->events) {
      DecodedRecord one = std::visit([](auto& value) { return DecodedRecord(std::move(value)); }, each);
      KEYFOLD_RETURN_IF_ERROR(Add(std::move(one), offset, on_rejection));
    }
    return absl::OkStatus();
  }
  pending_.push_back({std::move(record), offset});
  return pending_.size() < kBatchRecords ? absl::OkStatus() : Flush(on_rejection);
}

absl::Status OfflineFold::ApplyOne(FoldBatch& batch, Pending& pending, const RejectionHandler& on_rejection) {
  if (const auto* erasure = std::get_if<Erasure>(&pending.record)) {
    ++counts_.erasures;
    return batch.Erase(erasure->account_id, 0, pending.offset);
  }
  std::optional<Rejection> rejection;
  if (const auto* event = std::get_if<ValidEvent>(&pending.record)) {
    KEYFOLD_ASSIGN_OR_RETURN(auto result, batch.Apply(*event, 0, pending.offset));
    if (const auto* outcome = std::get_if<FoldOutcome>(&result)) {
      NoteTime(*event, pending.offset);
      ++(*outcome == FoldOutcome::kApplied     ? counts_.applied
         : *outcome == FoldOutcome::kDuplicate ? counts_.duplicates
                                               : counts_.superseded);
      return absl::OkStatus();
    }
    rejection = std::get<Rejection>(std::move(result));
  } else {
    rejection = std::get<Rejection>(std::move(pending.record));
  }
  ++counts_.rejected;
  on_rejection(pending.offset, *rejection);
  return absl::OkStatus();
}

absl::Status OfflineFold::Flush(const RejectionHandler& on_rejection) {
  FoldBatch batch(accounts_);
  for (const Pending& pending : pending_) {
    if (const auto* event = std::get_if<ValidEvent>(&pending.record)) batch.Announce(**event);
  }
  KEYFOLD_RETURN_IF_ERROR(batch.ReadAnnounced());
  for (Pending& pending : pending_) KEYFOLD_RETURN_IF_ERROR(ApplyOne(batch, pending, on_rejection));
  StoreBatch writes;
  KEYFOLD_ASSIGN_OR_RETURN(const auto changes, batch.Finish(writes, rates_));
  pending_.clear();
  for (const AccountChange& change : changes) {
    int64_t& live = live_events_[change.account->id()];
    live = (change.erased ? 0 : live) + change.live_events;
    if (live == 0) live_events_.erase(change.account->id());
  }
  accounts_.EndBatch();
  accounts_.TakeChanges(writes);
  KEYFOLD_RETURN_IF_ERROR(store_.Write(std::move(writes)));
  if (budget_.exceeded()) accounts_.Trim();
  return absl::OkStatus();
}

std::optional<Day> OfflineFold::LastDay() const {
  if (!last_.has_value()) return std::nullopt;
  return catalog_.calendar().DayOf(last_->seconds);
}

void OfflineFold::NoteTime(const ValidEvent& event, int64_t offset) {
  const int64_t seconds = event->occurred_at().seconds();
  ++records_by_day_[seconds / kSecondsPerDay];
  if (!last_.has_value() || seconds > last_->seconds) last_ = LastRecord{offset, event->event_id(), seconds};
}

std::optional<LastRecord> OfflineFold::Last() const {
  std::optional<LastRecord> last = last_;
  if (!last.has_value()) return last;
  const int64_t last_day = last->seconds / kSecondsPerDay;
  int64_t others = -1;
  for (const auto& [day, records] : records_by_day_) others += records;
  int64_t before_median = (others - 1) / 2;
  for (const auto& [day, records] : records_by_day_) {
    if (before_median < records) {
      last->days_after_median = last_day - day;
      break;
    }
    before_median -= records;
  }
  return last;
}

absl::Status OfflineFold::VisitAccounts(Day day, const std::function<void(const FoldedValues&)>& visit) const {
  const EvaluationDay evaluation(catalog_, day);
  for (const auto& [account_id, live] : live_events_) {
    KEYFOLD_ASSIGN_OR_RETURN(const FoldedValues values, EvaluateStored(store_, evaluation, rates_, account_id));
    visit(values);
  }
  return absl::OkStatus();
}

absl::Status OfflineFold::VisitWithoutEffect(
    const std::function<void(const std::string& account_id, const EntityRef&, const WithoutEffect&)>& visit) const {
  for (const auto& [account_id, live] : live_events_) {
    KEYFOLD_RETURN_IF_ERROR(keyfold::VisitWithoutEffect(
        store_, catalog_.calendar(), account_id,
        [&](const EntityRef& entity, const WithoutEffect& found) { visit(account_id, entity, found); }));
  }
  return absl::OkStatus();
}

absl::Status OfflineFold::VisitGroups(Day day, const std::function<void(const FoldedValues&)>& visit) const {
  const EvaluationDay evaluation(catalog_, day);
  std::map<std::string, GroupSums> groups;
  for (const auto& [account_id, live] : live_events_) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<Contribution> ledger, ReadLedger(store_, account_id));
    const ComponentValues components = SumComponents(evaluation, ledger, rates_);
    const GroupDelta share(catalog_, {components, EvaluateAccount(evaluation, components)});
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<AttributeSpan> attributes,
                             ReadAttributes(store_, catalog_.calendar(), account_id));
    for (const std::string& group : GroupsOf(AttributesAt(attributes, day))) {
      groups.try_emplace(group, catalog_).first->second += share;
    }
  }
  for (const auto& [group_id, sums] : groups) {
    FoldedValues values;
    values.id = group_id;
    values.accounts = sums.accounts;
    values.kpis = PublishedKpis(catalog_, sums.Evaluate(evaluation), /*group=*/true);
    values.missing_rates = CurrencyCodes(sums.missing_rates);
    visit(values);
  }
  return absl::OkStatus();
}

}  // namespace keyfold
