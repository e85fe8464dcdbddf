#include "config/keys.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace keyfold {

SetKey Text(std::string Config::*member) {
  return [member](Config& config, const std::string& value) {
    config.*member = value;
    return absl::OkStatus();
  };
}

SetKey OneOf(std::string Config::*member, std::vector<std::string> choices) {
  return [member, choices = std::move(choices)](Config& config, const std::string& value) -> absl::Status {
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
      std::string known;
      for (const std::string& choice : choices) absl::StrAppend(&known, known.empty() ? "" : ", ", choice);
      return absl::InvalidArgumentError(
          absl::StrCat("'", value, "' is none of ", known, DidYouMean(value, {choices.begin(), choices.end()})));
    }
    config.*member = value;
    return absl::OkStatus();
  };
}

absl::Status CheckListName(const std::string& name) {
  constexpr size_t kLengthMax = 40;
  const bool known = absl::c_all_of(name, [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '-';
  });
  if (known && !name.empty() && name.size() <= kLengthMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("name: '", name, "' is not 1 to 40 of a-z, 0-9 and -"));
}

absl::Status SetBaseUrl(const std::string& value, std::string& url) {
  const size_t scheme = absl::StartsWith(value, "https://") ? 8 : absl::StartsWith(value, "http://") ? 7 : 0;
  const bool bare = value.find_first_of("?#@ ") == std::string::npos;
  if (!value.empty() && (scheme == 0 || value.size() == scheme || value[scheme] == '/' || !bare)) {
    return absl::InvalidArgumentError(absl::StrCat("'", value, "' is not like https://machine-1:8443"));
  }
  url = std::string(absl::StripSuffix(value, "/"));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ParseInteger(const std::string& value, int64_t min, int64_t max) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(value, &number) || number < min || number > max) {
    return absl::InvalidArgumentError(absl::StrCat("'", value, "' is not an integer from ", min, " to ", max));
  }
  return number;
}

SetKey Integer(int64_t Config::*member, int64_t min, int64_t max, int64_t unit) {
  return [=](Config& config, const std::string& value) -> absl::Status {
    KEYFOLD_ASSIGN_OR_RETURN(const int64_t number, ParseInteger(value, min, max));
    config.*member = number * unit;
    return absl::OkStatus();
  };
}

SetKey Boolean(bool Config::*member) {
  return [member](Config& config, const std::string& value) -> absl::Status {
    if (value != "true" && value != "false") {
      return absl::InvalidArgumentError(absl::StrCat("'", value, "' is neither true nor false"));
    }
    config.*member = value == "true";
    return absl::OkStatus();
  };
}

}  // namespace keyfold
