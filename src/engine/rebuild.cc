#include "engine/rebuild.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "account/contribution.h"
#include "base/status_macros.h"
#include "google/protobuf/arena.h"
#include "keyfold/v1/stored_state.pb.h"
#include "kpi/evaluation_days.h"
#include "kpi/groups.h"
#include "state/account_reader.h"
#include "state/entity_numbers.h"
#include "state/entity_page.h"
#include "state/shard_meta.h"
#include "state/store_cursor.h"
#include "state/store_keys.h"
#include "state/stored_account.h"
#include "state/stored_entity.h"
#include "state/stored_group.h"

namespace keyfold {
namespace {

constexpr size_t kOperationsMax = 10'000;  // of a write

// nullopt: no record has come to the shard yet.
absl::StatusOr<std::optional<v1::ShardMeta>> ReadMeta(const ShardStore& store) {
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<v1::ShardMeta> meta, ReadShardMeta(store));
  if (meta.has_value()) KEYFOLD_RETURN_IF_ERROR(CheckFormat(*meta));
  return meta;
}

bool IsUpToDate(const v1::ShardMeta& meta, const Catalog& catalog) {
  return meta.catalog_hash() == catalog.hash() && !meta.rebuilding();
}

// What of a shard of stage 1 follows from its entities.
class AccountRebuild {
 public:
  AccountRebuild(ShardStore& store, const Catalog& catalog, const std::function<void(int64_t)>& progress,
                 v1::ShardMeta meta)
      : store_(store),
        catalog_(catalog),
        progress_(progress),
        meta_(std::move(meta)),
        evaluation_(catalog, StreamDay(catalog.calendar(), meta_.stream_time_ms())) {}

  absl::StatusOr<RebuildCounts> Run() {
    KEYFOLD_RETURN_IF_ERROR(Begin());
    KEYFOLD_ASSIGN_OR_RETURN(rates_, ReadRates(store_));
    StoreCursor keyed(store_, AllEntitiesPrefix());
    StoreCursor pages(store_, AllEntityPagesPrefix());
    KEYFOLD_RETURN_IF_ERROR(keyed.Next());
    KEYFOLD_RETURN_IF_ERROR(pages.Next());
    while (!keyed.done() || !pages.done()) KEYFOLD_RETURN_IF_ERROR(RebuildNext(keyed, pages));
    KEYFOLD_RETURN_IF_ERROR(Finish());
    return counts_;
  }

 private:
  // What is derived goes; until the end the shard says so. Accounts' records stay until others take their place: they
  // tell which alerts were published as raised.
  absl::Status Begin() {
    meta_.set_rebuilding(true);
    writes_.Put(MetaKey(), meta_.SerializeAsString());
    for (const std::string& prefix : DerivedPrefixes()) writes_.DeletePrefix(prefix);
    return store_.Write(std::exchange(writes_, StoreBatch()));
  }

  // The account that comes next in either place.
  absl::Status RebuildNext(StoreCursor& keyed, StoreCursor& pages) {
    std::string name;  // with its length, as in the keys: that is their order
    if (!keyed.done()) name = NameIn(keyed.key());
    if (!pages.done() && (keyed.done() || NameIn(pages.key()) < name)) name = NameIn(pages.key());
    const int64_t events_before = counts_.events;
    id_ = name.substr(1);
    delta_ = Contributions();
    live_events_ = 0;
    last_offset_ = 0;
    spans_.clear();
    while (!keyed.done() && NameIn(keyed.key()) == name) {
      KEYFOLD_RETURN_IF_ERROR(AddEntity(EntityOf(keyed.key()), keyed.value()));
      KEYFOLD_RETURN_IF_ERROR(keyed.Next());
    }
    numbers_ = EntityNumbers();
    while (!pages.done() && NameIn(pages.key()) == name) {
      KEYFOLD_RETURN_IF_ERROR(AddPage(pages.key(), pages.value()));
      KEYFOLD_RETURN_IF_ERROR(pages.Next());
    }
    progress_(counts_.events - events_before);
    if (id_.empty()) return absl::OkStatus();  // rates
    KEYFOLD_RETURN_IF_ERROR(FinishAccount());
    return writes_.operations().size() < kOperationsMax ? absl::OkStatus() : Write();
  }

  absl::Status AddEntity(const EntityRef& entity, std::string_view bytes) {
    events_.clear();
    mentions_.clear();
    arena_.Reset();
    if (!ParseEntity(bytes, arena_, events_, mentions_)) return Damaged();
    for (const EventEntry& entry : events_) {
      live_events_ += entry.event->retracted() ? 0 : 1;
      last_offset_ = std::max(last_offset_, entry.offset);
    }
    counts_.events += static_cast<int64_t>(events_.size());
    if (entity.kind == EntityKind::kFxRate) return absl::OkStatus();
    history_.Load(events_, mentions_);
    Contribute(entity.kind, history_.view(), catalog_.calendar(), delta_);
    if (entity.kind == EntityKind::kAccount) spans_ = AttributesOverTime(history_.view(), catalog_.calendar());
    return absl::OkStatus();
  }

  // Numbers are given in the order of the log, without a gap.
  absl::Status AddPage(std::string_view key, std::string_view page) {
    PageReader reader(page);
    while (const std::optional<PagedEntity> paged = reader.Next()) {
      const EntityRef entity{paged->kind, std::string(paged->id)};
      const uint32_t number = numbers_.Add(EntityHash(entity));
      if (PageOf(key) != number / kEntitiesPerPage || paged->slot != number % kEntitiesPerPage) return Damaged();
      KEYFOLD_RETURN_IF_ERROR(AddEntity(entity, paged->bytes));
    }
    return reader.damaged() ? Damaged() : absl::OkStatus();
  }

  // The alerts that were last published as raised, by whichever definitions.
  absl::StatusOr<std::vector<std::string>> RaisedAlerts() const {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_.Get(AccountKey(id_)));
    if (!bytes.has_value()) return std::vector<std::string>();
    KEYFOLD_ASSIGN_OR_RETURN(const v1::StoredAccount stored, ParseStoredAccount(id_, *bytes));
    return std::vector<std::string>(stored.raised_alerts().begin(), stored.raised_alerts().end());
  }

  absl::Status FinishAccount() {
    ++counts_.accounts;
    const std::vector<Contribution> ledger = std::move(delta_).Summed();
    for (auto& [block, cells] : PackLedger(ledger)) writes_.Put(LedgerBlockKey(id_, block), std::move(cells));
    AccountState state{evaluation_.day, live_events_, last_offset_, SumComponents(evaluation_, ledger, rates_),
                       MembershipAt(spans_, evaluation_.day)};
    KEYFOLD_ASSIGN_OR_RETURN(state.raised_alerts, RaisedAlerts());
    writes_.Put(AccountKey(id_), SerializeAccount(&state, numbers_.Serialize()));
    numbers_.WriteBuckets(id_, writes_);
    for (const std::string& group : GroupsEver(spans_)) writes_.Put(MemberKey(group, id_), "");
    if (live_events_ == 0 || !catalog_.has_rollups()) return absl::OkStatus();
    const GroupDelta share(catalog_, {state.components, EvaluateAccount(evaluation_, state.components)});
    for (const std::string& group : GroupsOf(state.membership.attributes))
      groups_.try_emplace(group, catalog_).first->second += share;
    return absl::OkStatus();
  }

  absl::Status Finish() {
    for (const auto& [group_id, sums] : groups_) {
      writes_.Put(GroupKey(group_id), SerializeGroup({sums}));
    }
    meta_.clear_rebuilding();
    SetDefinitions(catalog_, meta_);
    meta_.set_rebuilds(meta_.rebuilds() + 1);  // by that the next run knows that all is to be published
    if (meta_.sweep().active() || meta_.sweep_behind()) meta_.set_alerts_unknown(true);
    meta_.clear_sweep();
    writes_.Put(MetaKey(), meta_.SerializeAsString());
    KEYFOLD_RETURN_IF_ERROR(Write());
    return store_.Flush();
  }

  absl::Status Write() {
    writes_.Sort();
    return store_.Write(std::exchange(writes_, StoreBatch()));
  }

  absl::Status Damaged() const {
    return absl::DataLossError(absl::StrCat("account '", id_, "': its entities are damaged in the shard's store"));
  }

  ShardStore& store_;
  const Catalog& catalog_;
  const std::function<void(int64_t)>& progress_;
  v1::ShardMeta meta_;
  const EvaluationDay evaluation_;
  RateTable rates_;
  StoreBatch writes_;
  std::map<std::string, GroupSums> groups_;
  RebuildCounts counts_;

  // The account at hand.
  std::string id_;
  Contributions delta_;
  int64_t live_events_ = 0;
  int64_t last_offset_ = 0;
  std::vector<AttributeSpan> spans_;
  EntityNumbers numbers_;
  google::protobuf::Arena arena_;
  EventEntries events_;
  std::vector<MentionEntry> mentions_;
  LoadedHistory history_;
};

// The partials that a shard of stage 2 has received, and the groups that they make.
class GroupRebuild {
 public:
  GroupRebuild(ShardStore& store, const Catalog& catalog, const std::map<int32_t, const ShardStore*>& accounts)
      : store_(store), catalog_(catalog), accounts_(accounts) {}

  absl::Status Run(v1::ShardMeta meta) {
    meta.set_rebuilding(true);
    writes_.Put(MetaKey(), meta.SerializeAsString());
    KEYFOLD_RETURN_IF_ERROR(Write());
    StoreCursor partials(store_, AllPartialsPrefix());
    KEYFOLD_RETURN_IF_ERROR(partials.Next());
    while (!partials.done()) {
      KEYFOLD_RETURN_IF_ERROR(RebuildNext(partials));
      if (writes_.operations().size() >= kOperationsMax) KEYFOLD_RETURN_IF_ERROR(Write());
    }
    meta.clear_rebuilding();
    SetDefinitions(catalog_, meta);
    writes_.Put(MetaKey(), meta.SerializeAsString());
    KEYFOLD_RETURN_IF_ERROR(Write());
    return store_.Flush();
  }

 private:
  // All partials of the group that comes next.
  absl::Status RebuildNext(StoreCursor& partials) {
    const std::string name(NameIn(partials.key()));
    const std::string group_id = name.substr(1);
    KeptGroup group{GroupSums(catalog_), 0, /*unpublished=*/true, /*replayed=*/false};
    KEYFOLD_RETURN_IF_ERROR(KeepPublished(group_id, group));
    while (!partials.done() && NameIn(partials.key()) == name) {
      KEYFOLD_RETURN_IF_ERROR(RebuildPartial(group_id, partials.key(), partials.value(), group));
      KEYFOLD_RETURN_IF_ERROR(partials.Next());
    }
    writes_.Put(GroupKey(group_id), SerializeGroup(group));
    return absl::OkStatus();
  }

  // What does not follow from the partials: the alerts that were last published as raised, and whether that is known.
  absl::Status KeepPublished(const std::string& group_id, KeptGroup& group) const {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_.Get(GroupKey(group_id)));
    v1::StoredGroup before;
    if (bytes.has_value() && !before.ParseFromString(*bytes)) return DamagedGroup(group_id);
    group.raised_alerts.assign(before.raised_alerts().begin(), before.raised_alerts().end());
    group.replayed = before.replayed();
    return absl::OkStatus();
  }

  absl::Status RebuildPartial(const std::string& group_id, std::string_view key, std::string_view value,
                              KeptGroup& group) {
    v1::GroupPartial partial;
    if (!partial.ParseFromArray(value.data(), static_cast<int>(value.size()))) return DamagedGroup(group_id);
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<GroupSums> share, ShareOf(group_id, partial.source_partition()));
    if (!share.has_value()) {
      writes_.Delete(std::string(key));
      return absl::OkStatus();
    }
    group.sums += *share;
    partial.set_catalog_hash(catalog_.hash());
    *partial.mutable_sums() = ToStored(*share);
    group.day = std::max(group.day, partial.day());
    writes_.Put(std::string(key), partial.SerializeAsString());
    return absl::OkStatus();
  }

  // The group's sums in a shard of stage 1; nullopt: none of its accounts belongs to the group any more.
  absl::StatusOr<std::optional<GroupSums>> ShareOf(const std::string& group_id, int32_t partition) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, accounts_.at(partition)->Get(GroupKey(group_id)));
    if (!bytes.has_value()) return std::optional<GroupSums>();
    KEYFOLD_ASSIGN_OR_RETURN(KeptGroup group, ParseGroup(catalog_, group_id, *bytes));
    return std::move(group.sums);
  }

  absl::Status Write() { return store_.Write(std::exchange(writes_, StoreBatch())); }

  ShardStore& store_;
  const Catalog& catalog_;
  const std::map<int32_t, const ShardStore*>& accounts_;
  StoreBatch writes_;
};

}  // namespace

absl::StatusOr<RebuildCounts> RebuildAccountShard(ShardStore& store, const Catalog& catalog,
                                                  const std::function<void(int64_t events)>& progress) {
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<v1::ShardMeta> meta, ReadMeta(store));
  if (!meta.has_value()) return RebuildCounts();
  const std::string currency = catalog.reporting_currency().code();
  if (meta->reporting_currency() != currency) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the shard's reporting currency is ", meta->reporting_currency(), ", not ", currency,
        ": rates of the reporting currency are rejected, so others are stored than this one needs; fold the log anew "
        "with --projection NEW_NAME"));
  }
  return AccountRebuild(store, catalog, progress, *std::move(meta)).Run();
}

absl::Status CheckGroupRebuild(const ShardStore& store, const Catalog& catalog,
                               const std::map<int32_t, const ShardStore*>& accounts) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<v1::ShardMeta> meta, ReadMeta(store));
  if (!meta.has_value() || IsUpToDate(*meta, catalog)) return absl::OkStatus();
  StoreCursor partials(store, AllPartialsPrefix());
  KEYFOLD_RETURN_IF_ERROR(partials.Next());
  while (!partials.done()) {
    const int32_t partition = PartitionOf(partials.key());
    if (!accounts.contains(partition)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the roll-ups hold sums of partition ", partition, ", whose shard is not on this machine: bring ",
          "all shards here, or fold the log anew with --projection NEW_NAME"));
    }
    KEYFOLD_RETURN_IF_ERROR(partials.Next());
  }
  return absl::OkStatus();
}

absl::Status RebuildGroupShard(ShardStore& store, const Catalog& catalog,
                               const std::map<int32_t, const ShardStore*>& accounts) {
  KEYFOLD_RETURN_IF_ERROR(CheckGroupRebuild(store, catalog, accounts));
  KEYFOLD_ASSIGN_OR_RETURN(std::optional<v1::ShardMeta> meta, ReadMeta(store));
  if (!meta.has_value() || IsUpToDate(*meta, catalog)) return absl::OkStatus();
  return GroupRebuild(store, catalog, accounts).Run(*std::move(meta));
}

}  // namespace keyfold
