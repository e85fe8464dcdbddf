// What the shards of one process know of a group, as gateways tell it each other (v1.GroupShare).
#ifndef KEYFOLD_SHARES_GROUP_SHARE_H_
#define KEYFOLD_SHARES_GROUP_SHARE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ask/projection_reader.h"
#include "ask/series.h"
#include "explain/explain.h"
#include "keyfold/v1/group_share.pb.h"
#include "kpi/catalog.h"

namespace keyfold {

void Put(const GroupSeriesShare& share, v1::GroupShare& message);
void Put(const ExplanationShare& share, v1::GroupShare& message);
void Put(std::span<const ShardMoment> moments, v1::GroupShare& message);

// nullopt: it is none of this catalogue, or not of so many days.
std::optional<GroupSeriesShare> SeriesIn(const Catalog& catalog, size_t days, const v1::GroupShare& message);

// nullopt: it is no explanation of the KPI (definition index) by this catalogue.
std::optional<ExplanationShare> ExplanationIn(const Catalog& catalog, uint16_t kpi, const v1::GroupShare& message);

std::vector<ShardMoment> MomentsIn(const v1::GroupShare& message);

}  // namespace keyfold

#endif  // KEYFOLD_SHARES_GROUP_SHARE_H_
