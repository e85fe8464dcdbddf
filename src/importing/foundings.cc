#include "importing/foundings.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "account/entity.h"
#include "base/status_macros.h"
#include "importing/summary.h"

namespace keyfold {
namespace {

constexpr char kBetween = '\0';  // no id has it

}  // namespace

absl::Status Foundings::Add(const v1::AccountEvent& event) {
  if (!IsFounding(event.payload_case()) || event.retracted()) return absl::OkStatus();
  const std::string between(1, kBetween);
  return founded_.Add(absl::StrCat(TypeNameOf(event), between, event.account_id(), between, PrimaryEntity(event).id));
}

absl::Status Foundings::Count(MappingNotes& notes) {
  struct TooMany {
    int64_t events = 0;
    std::string example;
  };
  std::map<std::string, TooMany> by_type;
  KEYFOLD_RETURN_IF_ERROR(founded_.Sort());
  std::string before;
  while (true) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string_view> founded, founded_.Next());
    if (!founded.has_value()) break;
    if (*founded != before) {
      before = *founded;
      continue;
    }
    const std::vector<std::string> parts = absl::StrSplit(before, kBetween);
    TooMany& too_many = by_type[parts[0]];
    if (too_many.events++ == 0) {
      too_many.example = parts[2].empty() ? parts[1] : absl::StrCat(parts[2], " of ", parts[1]);
    }
  }
  for (const auto& [type, too_many] : by_type) {
    notes[absl::StrCat(type, " for what another one has begun (", too_many.example,
                       "): the later one replaces it. Rows of one event need `group:`")] = too_many.events;
  }
  return absl::OkStatus();
}

}  // namespace keyfold
