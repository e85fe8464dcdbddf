// The part of a catalogue file that says how a KPI is shown.
#ifndef KEYFOLD_KPI_CATALOG_PRESENTATION_H_
#define KEYFOLD_KPI_CATALOG_PRESENTATION_H_

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "kpi/presentation.h"

namespace keyfold {

// What ReadPresentation() and ReadAlert() read: fields that a KPI or alert, and its `rollup`, may have.
std::vector<std::string_view> PresentationFields();
std::vector<std::string_view> AlertFields();

// Takes over what the map of a KPI, or of its `rollup`, says: unit, better, label, description, digits, thresholds,
// alert. What it does not say stays. InvalidArgument names file and line, and what is wrong.
absl::Status ReadPresentation(const YAML::Node& map, const std::string& file_name, Presentation& presentation);

// The same of an alert, which is a flag: severity, of, label, description.
absl::Status ReadAlert(const YAML::Node& map, const std::string& file_name, Presentation& presentation);

// Whether values of this unit are money, which formulas have in minor units.
bool IsMoney(const Presentation& presentation);

// What of an account's KPI holds for groups where its `rollup` says nothing else: of what grows with the number of
// accounts the thresholds do not.
Presentation ForGroups(Presentation presentation);

// Without what holds for its unit only.
Presentation WithoutUnit(Presentation presentation);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_CATALOG_PRESENTATION_H_
