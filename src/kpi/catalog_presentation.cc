#include "kpi/catalog_presentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace keyfold {
namespace {

constexpr int kDigitsMax = 9;

// Reads the fields of one map.
class PresentationReader {
 public:
  PresentationReader(const std::string& file_name, Presentation& presentation)
      : file_name_(file_name), presentation_(presentation) {}

  absl::Status Unit(const YAML::Node& node) {
    if (!node.IsScalar() || node.Scalar().empty()) return At(node, "unit: a text");
    presentation_.unit = node.Scalar();
    return absl::OkStatus();
  }

  absl::Status Better(const YAML::Node& node) {
    static constexpr std::pair<std::string_view, keyfold::Better> kKnown[] = {{"higher", keyfold::Better::kHigher},
                                                                              {"lower", keyfold::Better::kLower},
                                                                              {"neither", keyfold::Better::kNeither}};
    for (const auto& [name, better] : kKnown) {
      if (!node.IsScalar() || node.Scalar() != name) continue;
      presentation_.better = better;
      return absl::OkStatus();
    }
    return At(node, "better: higher, lower or neither");
  }

  absl::Status Label(const YAML::Node& node) { return ReadTranslations(node, "label", presentation_.label); }
  absl::Status Description(const YAML::Node& node) {
    return ReadTranslations(node, "description", presentation_.description);
  }
  absl::Status Undefined(const YAML::Node& node) {
    return ReadTranslations(node, "undefined", presentation_.undefined);
  }

  absl::Status Digits(const YAML::Node& node) {
    const std::optional<double> number = Number(node);
    if (!number.has_value() || *number != std::floor(*number) || *number < 0 || *number > kDigitsMax) {
      return At(node, absl::StrCat("digits: an integer from 0 to ", kDigitsMax));
    }
    presentation_.digits = static_cast<int>(*number);
    return absl::OkStatus();
  }

  absl::Status Thresholds(const YAML::Node& node) {
    presentation_.good = presentation_.bad = std::nullopt;
    if (!node.IsMap() || node.size() == 0) return At(node, "thresholds: good, bad or both");
    for (const auto& entry : node) {
      const std::string& name = entry.first.Scalar();
      if (name != "good" && name != "bad") return At(entry.first, absl::StrCat("thresholds: no '", name, "'"));
      std::optional<double>& threshold = name == "good" ? presentation_.good : presentation_.bad;
      threshold = Number(entry.second);
      if (!threshold.has_value()) return At(entry.second, absl::StrCat("thresholds: ", name, ": a number"));
    }
    return absl::OkStatus();
  }

  absl::Status Alert(const YAML::Node& node) {
    if (!node.IsMap() || !node["severity"] || node.size() != (node["of"] ? 2 : 1)) {
      return At(node, "alert: {severity: ...}, or {severity: ..., of: customers}");
    }
    KEYFOLD_RETURN_IF_ERROR(Severity(node["severity"]));
    return node["of"] ? Of(node["of"]) : absl::OkStatus();
  }

  absl::Status Severity(const YAML::Node& node) {
    static constexpr std::array<std::string_view, 4> kSeverities = {"LOW", "MEDIUM", "HIGH", "CRITICAL"};
    if (!node.IsScalar() || std::find(kSeverities.begin(), kSeverities.end(), node.Scalar()) == kSeverities.end()) {
      return At(node, "severity: LOW, MEDIUM, HIGH or CRITICAL");
    }
    presentation_.alert_severity = node.Scalar();
    return absl::OkStatus();
  }

  absl::Status Of(const YAML::Node& node) {
    if (!node.IsScalar() || (node.Scalar() != "customers" && node.Scalar() != "accounts")) {
      return At(node, "of: customers or accounts");
    }
    presentation_.alert_of_customers = node.Scalar() == "customers";
    return absl::OkStatus();
  }

  // Whether what stands in several fields goes together.
  absl::Status Check(const YAML::Node& map) const {
    const std::optional<double> good = presentation_.good;
    const std::optional<double> bad = presentation_.bad;
    const YAML::Node& thresholds = map["thresholds"] ? map["thresholds"] : map;  // a rollup may have those of its KPI
    const bool higher = presentation_.better == keyfold::Better::kHigher;
    if (presentation_.better == keyfold::Better::kNeither && (good.has_value() || bad.has_value())) {
      return At(thresholds, "thresholds: what is neither better higher nor lower has none");
    }
    if (good.has_value() && bad.has_value() && !(higher ? *bad < *good : *good < *bad)) {
      return At(thresholds, higher ? "thresholds: higher is better, so good lies above bad"
                                   : "thresholds: lower is better, so good lies below bad");
    }
    if (!presentation_.alert_severity.empty() && presentation_.unit != "flag") {
      return At(map["alert"], absl::StrCat("alert: of a flag only, this is a ", presentation_.unit));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status At(const YAML::Node& node, absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(file_name_, ":", node.Mark().line + 1, ": ", message));
  }

  static std::optional<double> Number(const YAML::Node& node) {
    double number = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, number) || !std::isfinite(number)) return std::nullopt;
    return number;
  }

  absl::Status ReadTranslations(const YAML::Node& node, const char* name, Translations& translations) {
    const std::string expected = absl::StrCat(name, ": {de: ..., en: ...}");
    if (!node.IsMap() || node.size() != 2 || !node["de"] || !node["en"]) return At(node, expected);
    for (const auto& entry : node) {
      if (!entry.second.IsScalar() || entry.second.Scalar().empty()) return At(entry.second, expected);
      translations[entry.first.Scalar()] = entry.second.Scalar();
    }
    return absl::OkStatus();
  }

  const std::string& file_name_;
  Presentation& presentation_;
};

using Read = absl::Status (PresentationReader::*)(const YAML::Node& node);
constexpr std::pair<std::string_view, Read> kFields[] = {
    {"unit", &PresentationReader::Unit},     {"better", &PresentationReader::Better},
    {"label", &PresentationReader::Label},   {"description", &PresentationReader::Description},
    {"digits", &PresentationReader::Digits}, {"thresholds", &PresentationReader::Thresholds},
    {"alert", &PresentationReader::Alert},   {"undefined", &PresentationReader::Undefined},
};
constexpr std::pair<std::string_view, Read> kAlertFields[] = {
    {"label", &PresentationReader::Label},
    {"description", &PresentationReader::Description},
    {"severity", &PresentationReader::Severity},
    {"of", &PresentationReader::Of},
};

}  // namespace

std::vector<std::string_view> PresentationFields() {
  std::vector<std::string_view> names;
  for (const auto& [name, read] : kFields) names.push_back(name);
  return names;
}

absl::Status ReadPresentation(const YAML::Node& map, const std::string& file_name, Presentation& presentation) {
  PresentationReader reader(file_name, presentation);
  for (const auto& [name, read] : kFields) {
    if (const YAML::Node field = map[std::string(name)]) KEYFOLD_RETURN_IF_ERROR((reader.*read)(field));
  }
  return reader.Check(map);
}

std::vector<std::string_view> AlertFields() {
  std::vector<std::string_view> names;
  for (const auto& [name, read] : kAlertFields) names.push_back(name);
  return names;
}

absl::Status ReadAlert(const YAML::Node& map, const std::string& file_name, Presentation& presentation) {
  PresentationReader reader(file_name, presentation);
  presentation.unit = "flag";
  presentation.better = Better::kLower;
  for (const auto& [name, read] : kAlertFields) {
    if (const YAML::Node field = map[std::string(name)]) KEYFOLD_RETURN_IF_ERROR((reader.*read)(field));
  }
  return absl::OkStatus();
}

bool IsMoney(const Presentation& presentation) {
  return presentation.unit == "money" || presentation.unit == "money/day";
}

Presentation ForGroups(Presentation presentation) {
  const bool grows = presentation.unit == "money" || presentation.unit == "money/day" || presentation.unit == "count" ||
                     presentation.unit == "flag";
  if (grows) presentation.good = presentation.bad = std::nullopt;
  return presentation;
}

Presentation WithoutUnit(Presentation presentation) {
  presentation.good = presentation.bad = std::nullopt;
  presentation.alert_severity.clear();
  return presentation;
}

}  // namespace keyfold
