// The catalogue file: reading, compiling and ordering its formulas; what is wrong is told with file and line.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "kpi/catalog.h"
#include "kpi/catalog_parameters.h"
#include "kpi/catalog_presentation.h"
#include "kpi/definition_order.h"
#include "kpi/definition_parts.h"
#include "kpi/formula_adder.h"

namespace keyfold {
namespace {

constexpr size_t kDefinitionsMax = 1000;

bool IsId(std::string_view text) {
  if (text.empty() || text.size() > 128 || !(text[0] >= 'a' && text[0] <= 'z')) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

// Reads the file section by section; the first thing wrong ends it.
class CatalogBuilder {
 public:
  CatalogBuilder(Catalog catalog, std::string_view file_name, const KpiSettings& settings)
      : catalog_(std::move(catalog)), file_name_(file_name), settings_(settings) {}

  absl::StatusOr<Catalog> Build(const std::string& yaml) {
    // yaml-cpp reports by exceptions; they end here.
    try {
      KEYFOLD_RETURN_IF_ERROR(ReadFile(YAML::Load(yaml)));
    } catch (const YAML::Exception& error) {
      return At(error.mark, error.msg);
    }
    KEYFOLD_RETURN_IF_ERROR(TakeOrder(AccountOrder(catalog_.definitions_), catalog_.account_order_));
    KEYFOLD_RETURN_IF_ERROR(TakeOrder(GroupOrder(catalog_.definitions_), catalog_.group_order_));
    formulas_.MarkPublished();
    catalog_.FindReaders();
    catalog_.parts_ = DefinitionParts(catalog_.HashOfFormulas(), settings_, catalog_.calendar_, catalog_.parameters_);
    catalog_.hash_ = HashOf(catalog_.parts_);
    return std::move(catalog_);
  }

 private:
  using Kind = Definition::Kind;
  struct Source {
    YAML::Mark mark;
    YAML::Mark group_mark;
  };

  absl::Status At(const YAML::Mark& mark, absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(file_name_, ":", mark.line + 1, ": ", message));
  }

  absl::Status ReadFile(const YAML::Node& root) {
    if (!root.IsMap()) return At(root.Mark(), "a catalogue is a map: windows, parameters, components, kpis, alerts");
    KEYFOLD_RETURN_IF_ERROR(CheckFields(root, "section", {"windows", "parameters", "components", "kpis", "alerts"}));
    KEYFOLD_RETURN_IF_ERROR(ReadWindows(root["windows"]));
    KEYFOLD_ASSIGN_OR_RETURN(catalog_.parameters_,
                             ReadParameters(root["parameters"], file_name_, settings_.parameters));
    KEYFOLD_RETURN_IF_ERROR(ReadDefinitions(root["components"], Kind::kComponent));
    KEYFOLD_RETURN_IF_ERROR(ReadDefinitions(root["kpis"], Kind::kKpi));
    KEYFOLD_RETURN_IF_ERROR(ReadDefinitions(root["alerts"], Kind::kAlert));
    if (catalog_.kpis_.empty()) return At(root.Mark(), "no kpis");
    SortKpis();
    KEYFOLD_RETURN_IF_ERROR(CompileFormulas());
    KEYFOLD_ASSIGN_OR_RETURN(catalog_.customer_slot_, formulas_.Keep(Measure::kCustomer, {Window::Kind::kTotal}));
    return absl::OkStatus();
  }

  void SortKpis() {
    const std::vector<Definition>& definitions = catalog_.definitions_;
    for (uint16_t index : catalog_.kpis_) {
      catalog_.kpis_by_id_.push_back(index);
      if (definitions[index].rollup != Definition::Rollup::kNone) catalog_.kpis_by_group_id_.push_back(index);
    }
    std::sort(catalog_.kpis_by_id_.begin(), catalog_.kpis_by_id_.end(),
              [&](uint16_t a, uint16_t b) { return definitions[a].id < definitions[b].id; });
    std::sort(catalog_.kpis_by_group_id_.begin(), catalog_.kpis_by_group_id_.end(),
              [&](uint16_t a, uint16_t b) { return definitions[a].group_id < definitions[b].group_id; });
  }

  absl::Status ReadWindows(const YAML::Node& windows) {
    if (!windows) return absl::OkStatus();
    if (!windows.IsMap()) return At(windows.Mark(), "windows: a map of names to windows is expected");
    for (const auto& entry : windows) {
      const std::string name = entry.first.as<std::string>();
      const std::string text = entry.second.as<std::string>();
      if (!ParseWindow(text).has_value()) return At(entry.second.Mark(), absl::StrCat("'", text, "' is not a window"));
      if (!IsId(name) || ParseWindow(name).has_value()) {
        return At(entry.first.Mark(), absl::StrCat("'", name, "' cannot be the name of a window"));
      }
      if (!catalog_.windows_.emplace(name, text).second) {
        return At(entry.first.Mark(), absl::StrCat("window ", name, " twice"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadDefinitions(const YAML::Node& list, Kind kind) {
    if (!list) return absl::OkStatus();
    if (!list.IsSequence()) return At(list.Mark(), "a list of definitions is expected");
    for (const YAML::Node& node : list) KEYFOLD_RETURN_IF_ERROR(ReadDefinition(node, kind));
    return absl::OkStatus();
  }

  absl::Status CheckFields(const YAML::Node& map, const char* what, const std::vector<std::string_view>& known) const {
    for (const auto& field : map) {
      const std::string name = field.first.as<std::string>();
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return At(field.first.Mark(), UnknownName(what, name, known));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadDefinition(const YAML::Node& node, Kind kind) {
    if (!node.IsMap() || !node["id"] || !node["formula"])
      return At(node.Mark(), "a definition has an id and a formula");
    std::vector<std::string_view> fields = FieldsOf(kind);
    if (kind != Kind::kComponent) fields.push_back("rollup");
    KEYFOLD_RETURN_IF_ERROR(CheckFields(node, "field", fields));
    Definition definition;
    definition.id = node["id"].as<std::string>();
    definition.kind = kind;
    definition.group_id = definition.id;
    if (!IsId(definition.id)) {
      return At(node["id"].Mark(), absl::StrCat("'", definition.id, "' is not an id (lower case, digits, _)"));
    }
    if (catalog_.definitions_.size() >= kDefinitionsMax) return At(node.Mark(), "too many definitions");
    const auto index = static_cast<uint16_t>(catalog_.definitions_.size());
    if (catalog_.FindDefinition(definition.id).has_value()) {
      return At(node["id"].Mark(), absl::StrCat("id '", definition.id, "' is used twice"));
    }
    Source source{node["formula"].Mark(), {}};
    DefinitionText text;
    text.formula = node["formula"].as<std::string>();
    KEYFOLD_RETURN_IF_ERROR(ReadFields(node, definition, text, source));
    if (kind == Kind::kComponent) catalog_.derived_.push_back(index);
    if (kind == Kind::kKpi) catalog_.kpis_.push_back(index);
    if (!text.presentation.alert_severity.empty()) {
      catalog_.alerts_.push_back({index, text.presentation.alert_of_customers,
                                  definition.has_group() && !text.group_presentation.alert_severity.empty()});
    }
    catalog_.has_rollups_ |= definition.has_group();
    catalog_.definitions_.push_back(std::move(definition));
    catalog_.texts_.push_back(std::move(text));
    sources_.push_back(std::move(source));
    return absl::OkStatus();
  }

  static std::vector<std::string_view> FieldsOf(Kind kind) {
    std::vector<std::string_view> fields;
    if (kind == Kind::kKpi) fields = PresentationFields();
    if (kind == Kind::kAlert) fields = AlertFields();
    fields.insert(fields.end(), {"id", "formula"});
    return fields;
  }

  // What only KPIs and alerts have.
  absl::Status ReadFields(const YAML::Node& node, Definition& definition, DefinitionText& text, Source& source) {
    if (definition.kind == Kind::kComponent) return absl::OkStatus();
    KEYFOLD_RETURN_IF_ERROR(ReadShown(node, definition.kind, text.presentation));
    if (text.presentation.unit.empty()) return At(node.Mark(), absl::StrCat("kpi ", definition.id, " has no unit"));
    if (definition.kind == Kind::kAlert && text.presentation.alert_severity.empty()) {
      return At(node.Mark(), absl::StrCat("alert ", definition.id, " has no severity"));
    }
    definition.unit = text.presentation.unit;
    definition.better = text.presentation.better;
    definition.is_money = IsMoney(text.presentation);
    text.group_presentation = ForGroups(text.presentation);
    const YAML::Node rollup = node["rollup"];
    if (!rollup && definition.kind == Kind::kAlert) definition.rollup = Definition::Rollup::kNone;
    return rollup ? ReadRollup(rollup, definition, text, source) : absl::OkStatus();
  }

  absl::Status ReadShown(const YAML::Node& map, Kind kind, Presentation& presentation) const {
    return kind == Kind::kKpi ? ReadPresentation(map, file_name_, presentation)
                              : ReadAlert(map, file_name_, presentation);
  }

  absl::Status ReadRollup(const YAML::Node& rollup, Definition& definition, DefinitionText& text, Source& source) {
    if (rollup.IsScalar() && rollup.as<std::string>() == "none") {
      definition.rollup = Definition::Rollup::kNone;
      return absl::OkStatus();
    }
    if (rollup.IsScalar() && rollup.as<std::string>() == "sum") return absl::OkStatus();
    if (!rollup.IsMap() || !rollup["formula"]) {
      return At(rollup.Mark(), "rollup: sum, none, or a map with a formula and, where it differs, an id");
    }
    KEYFOLD_RETURN_IF_ERROR(CheckFields(rollup, "field of a rollup", FieldsOf(definition.kind)));
    text.group_formula = rollup["formula"].as<std::string>();
    source.group_mark = rollup["formula"].Mark();
    if (rollup["id"]) definition.group_id = rollup["id"].as<std::string>();
    if (rollup["unit"]) text.group_presentation = WithoutUnit(std::move(text.group_presentation));
    KEYFOLD_RETURN_IF_ERROR(ReadShown(rollup, definition.kind, text.group_presentation));
    if (IsMoney(text.group_presentation) != definition.is_money) {
      return At(rollup.Mark(), "rollup: money of an account is money of a group, too");
    }
    return absl::OkStatus();
  }

  absl::Status CompileFormulas() {
    for (size_t i = 0; i < sources_.size(); ++i) {
      Definition& definition = catalog_.definitions_[i];
      const DefinitionText& text = catalog_.texts_[i];
      absl::StatusOr<Formula> formula = formulas_.Compile(text.formula);
      if (!formula.ok()) return At(sources_[i].mark, absl::StrCat(definition.id, ": ", formula.status().message()));
      definition.formula = *std::move(formula);
      definition.group_formula = definition.formula;
      if (text.group_formula.empty()) continue;
      absl::StatusOr<Formula> group = formulas_.Compile(text.group_formula);
      if (!group.ok()) {
        return At(sources_[i].group_mark, absl::StrCat(definition.id, ": rollup: ", group.status().message()));
      }
      definition.group_formula = *std::move(group);
    }
    return absl::OkStatus();
  }

  // --- dependencies

  absl::Status TakeOrder(DefinitionOrder order, std::vector<uint16_t>& into) const {
    if (const auto* cycle = std::get_if<DefinitionCycle>(&order)) {
      return At(sources_[cycle->definition].mark, absl::StrCat("a cycle: ", cycle->path));
    }
    into = std::get<std::vector<uint16_t>>(std::move(order));
    return absl::OkStatus();
  }

  Catalog catalog_;
  FormulaAdder formulas_{catalog_};
  std::string file_name_;
  const KpiSettings& settings_;
  std::vector<Source> sources_;  // of the definitions
};

absl::StatusOr<Catalog> Catalog::Parse(const std::string& yaml, std::string_view file_name,
                                       const KpiSettings& settings) {
  KEYFOLD_ASSIGN_OR_RETURN(Calendar calendar, Calendar::Create(settings.time_zone, settings.fiscal_year_start_month));
  Catalog catalog(settings, calendar);
  const std::optional<Currency> currency = Currency::Parse(settings.reporting_currency);
  if (!currency.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("reporting_currency: '", settings.reporting_currency, "' is not an ISO 4217 code"));
  }
  catalog.reporting_currency_ = *currency;
  for (int digit = 0; digit < currency->digits(); ++digit) catalog.money_unit_ *= 10;
  return CatalogBuilder(std::move(catalog), file_name, settings).Build(yaml);
}

}  // namespace keyfold
