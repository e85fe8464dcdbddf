#include "kpi/definition_parts.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "account/entity.h"
#include "xxhash.h"

namespace keyfold {
namespace {

std::string HashOf(std::string_view text) { return absl::StrFormat("%016x", XXH3_64bits(text.data(), text.size())); }

}  // namespace

std::vector<DefinitionPart> DefinitionParts(const std::string& formulas_hash, const KpiSettings& settings,
                                            const Calendar& calendar, const std::map<std::string, double>& parameters) {
  std::string parameters_text;
  for (const auto& [name, value] : parameters) {
    absl::StrAppend(&parameters_text, name, absl::StrFormat("=%.17g\n", value));
  }
  std::string rules_text;
  for (const Calendar::Offset& offset : calendar.Rules()) {
    absl::StrAppend(&rules_text, offset.from, " ", offset.seconds, "\n");
  }
  return {{"windows and formulas", formulas_hash},
          {"parameters", HashOf(parameters_text)},
          {"time zone", settings.time_zone},
          {"rules of the time zone (tzdata)", HashOf(rules_text)},
          {"reporting currency", settings.reporting_currency},
          {"start of the fiscal year", absl::StrCat("month ", settings.fiscal_year_start_month)},
          {"contributions of events", absl::StrCat("version ", kContributionsVersion)}};
}

std::string HashOf(const std::vector<DefinitionPart>& parts) {
  std::string text;
  for (const DefinitionPart& part : parts) absl::StrAppend(&text, part.name, "=", part.value, "\n");
  return HashOf(std::string_view(text));
}

}  // namespace keyfold
