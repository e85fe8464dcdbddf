#include "simulation/changed_check.h"

#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fold/cause.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {
namespace {

std::optional<double> ValueOf(const v1::KpiUpdate& update, const std::string& kpi) {
  const auto found = update.kpis().find(kpi);
  return found == update.kpis().end() ? std::nullopt : std::optional(found->second);
}

// What `changed` is to be, as text.
std::vector<std::string> Differences(const Catalog& catalog, const v1::KpiUpdate& before, const v1::KpiUpdate& after) {
  std::vector<std::string> differences;
  for (uint16_t index : catalog.kpis()) {
    const Definition& kpi = catalog.definitions()[index];
    const std::string& id = after.group_id().empty() ? kpi.id : kpi.group_id;
    const std::optional<double> from = ValueOf(before, id);
    if (from == ValueOf(after, id)) continue;
    differences.push_back(from.has_value() ? absl::StrCat(id, " from ", *from) : id);
  }
  return differences;
}

std::vector<std::string> Changed(const v1::KpiUpdate& update) {
  std::vector<std::string> changed;
  for (const v1::KpiChange& change : update.changed()) {
    changed.push_back(change.has_from() ? absl::StrCat(change.id(), " from ", change.from()) : change.id());
  }
  return changed;
}

// Without what says why there is a record, and of when.
v1::KpiUpdate Said(v1::KpiUpdate update) {
  for (int field :
       {v1::KpiUpdate::kAsOfFieldNumber, v1::KpiUpdate::kChangedFieldNumber, v1::KpiUpdate::kSourceOffsetFieldNumber,
        v1::KpiUpdate::kCorrelationIdFieldNumber, v1::KpiUpdate::kCauseFieldNumber,
        v1::KpiUpdate::kCauseEventFieldNumber, v1::KpiUpdate::kRecordedAtFieldNumber}) {
    update.GetReflection()->ClearField(&update, update.GetDescriptor()->FindFieldByNumber(field));
  }
  return update;
}

}  // namespace

std::vector<std::string> WrongChanges(const Catalog& catalog, const std::vector<MemoryRecord>& updates) {
  std::vector<std::string> problems;
  std::map<std::string, v1::KpiUpdate> last;
  for (const MemoryRecord& record : updates) {
    if (!record.value.has_value()) {
      last.erase(*record.key);
      continue;
    }
    v1::KpiUpdate update;
    update.ParseFromString(*record.value);
    const auto before = last.find(*record.key);
    const bool afresh = IsAfresh(update.cause());
    std::vector<std::string> expected;
    if (!afresh) expected = Differences(catalog, before == last.end() ? v1::KpiUpdate() : before->second, update);
    const std::string name = absl::StrCat(*record.key, " by ", update.source_offset());
    if (const std::vector<std::string> changed = Changed(update); changed != expected) {
      problems.push_back(absl::StrCat(name, ": changed is [", absl::StrJoin(changed, ", "), "], what differs is [",
                                      absl::StrJoin(expected, ", "), "]"));
    }
    const bool repeats =
        before != last.end() && google::protobuf::util::MessageDifferencer::Equals(Said(before->second), Said(update));
    if (update.cause() == v1::KpiUpdate::CAUSE_UNSPECIFIED) problems.push_back(name + " has no cause");
    if (update.recorded_at().seconds() == 0) problems.push_back(name + " does not say when its cause was recorded");
    if (repeats && !afresh) problems.push_back(name + " repeats the record before");
    last[*record.key] = std::move(update);
  }
  return problems;
}

}  // namespace keyfold
