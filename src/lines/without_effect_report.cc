#include "lines/without_effect_report.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ask/json.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "fold/cause.h"
#include "lines/line_files.h"

namespace keyfold {

absl::Status WithoutEffectReport::Open(const std::string& file_name, const std::vector<std::string>& read) {
  file_name_ = file_name;
  return file_name_.empty() ? absl::OkStatus() : CreateFile("--without-effect", file_name_, read, file_);
}

absl::Status WithoutEffectReport::Write(const OfflineFold& fold, std::ostream& summary) {
  std::map<std::pair<std::string, std::string>, int64_t> counts;
  int64_t all = 0;
  KEYFOLD_RETURN_IF_ERROR(fold.VisitWithoutEffect([&](const std::string& account_id, const EntityRef& entity,
                                                      const WithoutEffect& found) {
    const std::string type(EventTypeName(found.event->payload_case()));
    const std::string reason(NoEffectName(found.reason));
    ++counts[{type, reason}];
    ++all;
    if (!file_.is_open()) return;
    WriteJsonLine(file_, Json{{"account_id", account_id},
                              {"entity_kind", std::string(EntityKindName(entity.kind))},
                              {"entity_id", entity.id},
                              {"event_id", found.event->event_id()},
                              {"type", type},
                              {"reason", reason},
                              {"occurred_at", google::protobuf::util::TimeUtil::ToString(found.event->occurred_at())}});
  }));
  if (all > 0) summary << all << " events are without effect:\n";
  for (const auto& [type_and_reason, count] : counts) {
    summary << "  " << count << ' ' << type_and_reason.first << ": " << type_and_reason.second << '\n';
  }
  if (file_name_.empty()) return absl::OkStatus();
  file_.close();
  return file_ ? absl::OkStatus() : absl::DataLossError(absl::StrCat("writing ", file_name_, " failed"));
}

}  // namespace keyfold
