#include "shares/group_share.h"

#include <utility>

#include "absl/time/time.h"
#include "explain/formula_tree.h"
#include "state/stored_group.h"

namespace keyfold {
namespace {

constexpr int kLowBits = 64;

void Put(__int128 value, v1::WideInteger& message) {
  message.set_high(static_cast<int64_t>(value >> kLowBits));
  message.set_low(static_cast<uint64_t>(value));
}

__int128 ValueOf(const v1::WideInteger& message) {
  return (static_cast<__int128>(message.high()) << kLowBits) | message.low();
}

void Put(const MembersShare& share, v1::ComponentShare& message) {
  for (const MemberLine& line : share.members) {
    v1::MemberShare& member = *message.add_members();
    member.set_account_id(line.account_id);
    member.set_name(line.name);
    if (line.amount.has_value()) member.set_amount(*line.amount);
    if (line.amount_since.has_value()) member.set_amount_since(*line.amount_since);
  }
  message.set_count(share.count);
  Put(share.amount, *message.mutable_amount());
  Put(share.amount_since, *message.mutable_amount_since());
}

MembersShare MembersIn(const v1::ComponentShare& message) {
  MembersShare share;
  for (const v1::MemberShare& member : message.members()) {
    MemberLine& line = share.members.emplace_back(MemberLine{member.account_id(), member.name(), {}, {}});
    if (member.has_amount()) line.amount = member.amount();
    if (member.has_amount_since()) line.amount_since = member.amount_since();
  }
  share.count = message.count();
  share.amount = ValueOf(message.amount());
  share.amount_since = ValueOf(message.amount_since());
  return share;
}

}  // namespace

void Put(const GroupSeriesShare& share, v1::GroupShare& message) {
  message.set_any(share.any);
  for (const GroupSums& sums : share.sums) *message.add_sums() = ToStored(sums);
}

void Put(const ExplanationShare& share, v1::GroupShare& message) {
  message.set_any(share.any);
  *message.add_sums() = ToStored(share.sums);
  *message.add_sums() = ToStored(share.sums_since);
  for (const MembersShare& component : share.components) Put(component, *message.add_components());
}

void Put(std::span<const ShardMoment> moments, v1::GroupShare& message) {
  for (const ShardMoment& moment : moments) {
    v1::ShardMoment& shard = *message.add_shards();
    shard.set_partition(moment.partition);
    shard.set_stored(moment.stored);
    shard.set_next_offset(moment.next_offset);
    shard.set_stream_time_ms(moment.stream_time_ms);
    shard.set_topic_partitions(moment.topic_partitions);
    if (moment.written_at > absl::InfinitePast()) shard.set_written_at_ms(absl::ToUnixMillis(moment.written_at));
  }
}

std::optional<GroupSeriesShare> SeriesIn(const Catalog& catalog, size_t days, const v1::GroupShare& message) {
  if (message.sums_size() != static_cast<int>(days)) return std::nullopt;
  GroupSeriesShare share{message.any(), {}};
  for (const v1::GroupSums& stored : message.sums()) {
    std::optional<GroupSums> sums = FromStored(catalog, stored);
    if (!sums.has_value()) return std::nullopt;
    share.sums.push_back(*std::move(sums));
  }
  return share;
}

std::optional<ExplanationShare> ExplanationIn(const Catalog& catalog, uint16_t kpi, const v1::GroupShare& message) {
  const FormulaTree tree = TreeOf(catalog, kpi, /*group=*/true);
  if (message.components_size() != static_cast<int>(tree.components.size())) return std::nullopt;
  std::optional<GroupSeriesShare> sums = SeriesIn(catalog, 2, message);
  if (!sums.has_value()) return std::nullopt;
  ExplanationShare share(catalog);
  share.any = message.any();
  share.sums = std::move(sums->sums[0]);
  share.sums_since = std::move(sums->sums[1]);
  for (const v1::ComponentShare& component : message.components()) share.components.push_back(MembersIn(component));
  return share;
}

std::vector<ShardMoment> MomentsIn(const v1::GroupShare& message) {
  std::vector<ShardMoment> moments;
  for (const v1::ShardMoment& shard : message.shards()) {
    ShardMoment& moment = moments.emplace_back();
    moment.partition = shard.partition();
    moment.stored = shard.stored();
    moment.next_offset = shard.next_offset();
    moment.stream_time_ms = shard.stream_time_ms();
    moment.topic_partitions = shard.topic_partitions();
    if (shard.has_written_at_ms()) moment.written_at = absl::FromUnixMillis(shard.written_at_ms());
  }
  return moments;
}

}  // namespace keyfold
