// The catalogue file: reading, compiling and ordering its formulas; what is wrong is told with file and line.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "kpi/catalog.h"
#include "kpi/catalog_parameters.h"
#include "kpi/catalog_presentation.h"
#include "kpi/definition_parts.h"

namespace keyfold {
namespace {

constexpr size_t kComponentsMax = 2000;
constexpr size_t kDefinitionsMax = 1000;

bool IsId(std::string_view text) {
  if (text.empty() || text.size() > 128 || !(text[0] >= 'a' && text[0] <= 'z')) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string Unknown(const char* what, std::string_view name, const std::vector<std::string_view>& known) {
  return absl::StrCat("unknown ", what, " '", std::string(name), "'", DidYouMean(name, known));
}

bool IsMoney(const Presentation& presentation) {
  return presentation.unit == "money" || presentation.unit == "money/day";
}

}  // namespace

// Reads the file section by section; the first thing wrong ends it.
class CatalogBuilder : private FormulaNames {
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
    KEYFOLD_RETURN_IF_ERROR(SortByDependency(AccountFormula, catalog_.account_order_));
    KEYFOLD_RETURN_IF_ERROR(SortByDependency(GroupFormula, catalog_.group_order_));
    MarkPublished();
    catalog_.FindReaders();
    catalog_.parts_ = DefinitionParts(catalog_.HashOfFormulas(), settings_, catalog_.calendar_, catalog_.parameters_);
    catalog_.hash_ = HashOf(catalog_.parts_);
    return std::move(catalog_);
  }

 private:
  struct Source {
    YAML::Mark mark;
    YAML::Mark group_mark;
  };

  absl::Status At(const YAML::Mark& mark, absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(file_name_, ":", mark.line + 1, ": ", message));
  }

  absl::Status ReadFile(const YAML::Node& root) {
    if (!root.IsMap()) return At(root.Mark(), "a catalogue is a map: windows, parameters, components, kpis");
    KEYFOLD_RETURN_IF_ERROR(CheckFields(root, "section", {"windows", "parameters", "components", "kpis"}));
    KEYFOLD_RETURN_IF_ERROR(ReadWindows(root["windows"]));
    KEYFOLD_ASSIGN_OR_RETURN(catalog_.parameters_,
                             ReadParameters(root["parameters"], file_name_, settings_.parameters));
    KEYFOLD_RETURN_IF_ERROR(ReadDefinitions(root["components"], /*is_kpi=*/false));
    KEYFOLD_RETURN_IF_ERROR(ReadDefinitions(root["kpis"], /*is_kpi=*/true));
    if (catalog_.kpis_.empty()) return At(root.Mark(), "no kpis");
    SortKpis();
    KEYFOLD_RETURN_IF_ERROR(CompileFormulas());
    KEYFOLD_ASSIGN_OR_RETURN(catalog_.customer_slot_, SlotOf(Measure::kCustomer, {Window::Kind::kTotal}));
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
      const std::optional<Window> window = ParseWindow(text);
      if (!window.has_value()) return At(entry.second.Mark(), absl::StrCat("'", text, "' is not a window"));
      if (!IsId(name) || ParseWindow(name).has_value()) {
        return At(entry.first.Mark(), absl::StrCat("'", name, "' cannot be the name of a window"));
      }
      catalog_.windows_.emplace(name, text);
      if (!windows_.emplace(name, *window).second)
        return At(entry.first.Mark(), absl::StrCat("window ", name, " twice"));
    }
    return absl::OkStatus();
  }

  absl::Status ReadDefinitions(const YAML::Node& list, bool is_kpi) {
    if (!list) return absl::OkStatus();
    if (!list.IsSequence()) return At(list.Mark(), "a list of definitions is expected");
    for (const YAML::Node& node : list) KEYFOLD_RETURN_IF_ERROR(ReadDefinition(node, is_kpi));
    return absl::OkStatus();
  }

  absl::Status CheckFields(const YAML::Node& map, const char* what, const std::vector<std::string_view>& known) const {
    for (const auto& field : map) {
      const std::string name = field.first.as<std::string>();
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return At(field.first.Mark(), Unknown(what, name, known));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadDefinition(const YAML::Node& node, bool is_kpi) {
    if (!node.IsMap() || !node["id"] || !node["formula"])
      return At(node.Mark(), "a definition has an id and a formula");
    std::vector<std::string_view> fields = is_kpi ? PresentationFields() : std::vector<std::string_view>();
    fields.insert(fields.end(), {"id", "formula"});
    if (is_kpi) fields.push_back("rollup");
    KEYFOLD_RETURN_IF_ERROR(CheckFields(node, "field", fields));
    Definition definition;
    definition.id = node["id"].as<std::string>();
    definition.is_kpi = is_kpi;
    definition.group_id = definition.id;
    if (!IsId(definition.id)) {
      return At(node["id"].Mark(), absl::StrCat("'", definition.id, "' is not an id (lower case, digits, _)"));
    }
    if (catalog_.definitions_.size() >= kDefinitionsMax) return At(node.Mark(), "too many definitions");
    const auto index = static_cast<uint16_t>(catalog_.definitions_.size());
    if (!index_of_.emplace(definition.id, index).second) {
      return At(node["id"].Mark(), absl::StrCat("id '", definition.id, "' is used twice"));
    }
    Source source{node["formula"].Mark(), {}};
    DefinitionText text;
    text.formula = node["formula"].as<std::string>();
    if (is_kpi) {
      KEYFOLD_RETURN_IF_ERROR(ReadKpiFields(node, definition, text, source));
      catalog_.kpis_.push_back(index);
      catalog_.has_rollups_ |= definition.rollup == Definition::Rollup::kFormula;
    } else {
      catalog_.derived_.push_back(index);
    }
    catalog_.definitions_.push_back(std::move(definition));
    catalog_.texts_.push_back(std::move(text));
    sources_.push_back(std::move(source));
    return absl::OkStatus();
  }

  absl::Status ReadKpiFields(const YAML::Node& node, Definition& definition, DefinitionText& text, Source& source) {
    if (!node["unit"]) return At(node.Mark(), absl::StrCat("kpi ", definition.id, " has no unit"));
    KEYFOLD_RETURN_IF_ERROR(ReadPresentation(node, file_name_, text.presentation));
    definition.unit = text.presentation.unit;
    definition.better = text.presentation.better;
    definition.is_money = IsMoney(text.presentation);
    text.group_presentation = ForGroups(text.presentation);
    const YAML::Node rollup = node["rollup"];
    if (!rollup) return absl::OkStatus();
    if (rollup.IsScalar() && rollup.as<std::string>() == "none") {
      definition.rollup = Definition::Rollup::kNone;
      return absl::OkStatus();
    }
    if (rollup.IsScalar() && rollup.as<std::string>() == "sum") return absl::OkStatus();
    if (!rollup.IsMap() || !rollup["formula"]) {
      return At(rollup.Mark(), "rollup: sum, none, or a map with a formula and, where it differs, an id");
    }
    std::vector<std::string_view> fields = PresentationFields();
    fields.insert(fields.end(), {"id", "formula"});
    KEYFOLD_RETURN_IF_ERROR(CheckFields(rollup, "field of a rollup", fields));
    text.group_formula = rollup["formula"].as<std::string>();
    source.group_mark = rollup["formula"].Mark();
    if (rollup["id"]) definition.group_id = rollup["id"].as<std::string>();
    if (rollup["unit"]) text.group_presentation = WithoutUnit(std::move(text.group_presentation));
    KEYFOLD_RETURN_IF_ERROR(ReadPresentation(rollup, file_name_, text.group_presentation));
    if (IsMoney(text.group_presentation) != definition.is_money) {
      return At(rollup.Mark(), "rollup: money of an account is money of a group, too");
    }
    return absl::OkStatus();
  }

  absl::Status CompileFormulas() {
    for (size_t i = 0; i < sources_.size(); ++i) {
      Definition& definition = catalog_.definitions_[i];
      const DefinitionText& text = catalog_.texts_[i];
      absl::StatusOr<Formula> formula = Formula::Compile(text.formula, *this);
      if (!formula.ok()) return At(sources_[i].mark, absl::StrCat(definition.id, ": ", formula.status().message()));
      definition.formula = *std::move(formula);
      definition.group_formula = definition.formula;
      if (text.group_formula.empty()) continue;
      absl::StatusOr<Formula> group = Formula::Compile(text.group_formula, *this);
      if (!group.ok()) {
        return At(sources_[i].group_mark, absl::StrCat(definition.id, ": rollup: ", group.status().message()));
      }
      definition.group_formula = *std::move(group);
    }
    return absl::OkStatus();
  }

  // --- FormulaNames

  absl::StatusOr<Window> FindWindow(std::string_view text) const {
    if (const auto named = windows_.find(std::string(text)); named != windows_.end()) return named->second;
    if (const std::optional<Window> window = ParseWindow(text)) return *window;
    return absl::NotFoundError(Unknown("window", text, NamesIn(windows_)));
  }

  absl::StatusOr<Measure> FindMeasureNamed(std::string_view name) const {
    if (const std::optional<Measure> measure = FindMeasure(name)) return *measure;
#define KEYFOLD_MEASURE_TEXT(name, number, text, kind, unit) text,
    return absl::NotFoundError(Unknown("measure", name, {KEYFOLD_MEASURES(KEYFOLD_MEASURE_TEXT)}));
#undef KEYFOLD_MEASURE_TEXT
  }

  absl::StatusOr<uint16_t> SlotOf(Measure measure, const Window& window) {
    const auto known = slots_.find({measure, window});
    if (known != slots_.end()) return known->second;
    return AddSlot(measure, window);
  }

  absl::StatusOr<uint16_t> AddSlot(Measure measure, const Window& window) {
    if (catalog_.base_.size() >= kComponentsMax) return absl::NotFoundError("too many components");
    const auto slot = static_cast<uint16_t>(catalog_.base_.size());
    catalog_.base_.push_back({measure, window});
    catalog_.slots_of_[static_cast<size_t>(measure)].push_back(slot);
    slots_.emplace(std::pair(measure, window), slot);
    return slot;
  }

  absl::StatusOr<uint16_t> BaseSlot(std::string_view measure_name, std::string_view window_text) override {
    KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
    KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
    return SlotOf(measure, window);
  }

  absl::StatusOr<uint16_t> HistogramSlot(std::string_view measure_name, std::string_view window_text) override {
    KEYFOLD_ASSIGN_OR_RETURN(const Measure measure, FindMeasureNamed(measure_name));
    KEYFOLD_ASSIGN_OR_RETURN(const Window window, FindWindow(window_text));
    if (measure != Measure::kResolutionHistogram) {
      return absl::NotFoundError(absl::StrCat("'", std::string(measure_name), "' is not a histogram"));
    }
    for (size_t slot = 0; slot < catalog_.histograms_.size(); ++slot) {
      if (catalog_.histograms_[slot].window == window) return static_cast<uint16_t>(slot);
    }
    catalog_.histograms_.push_back({measure, window});
    return static_cast<uint16_t>(catalog_.histograms_.size() - 1);
  }

  absl::StatusOr<ForecastSlots> ForecastComponents() override {
    if (forecast_.has_value()) return *forecast_;
    ForecastSlots slots;
    for (auto [measure, first] :
         {std::pair(Measure::kForecast, &slots.forecast), std::pair(Measure::kForecastMonths, &slots.forecast_months),
          std::pair(Measure::kRevenue, &slots.revenue)}) {
      *first = static_cast<uint16_t>(catalog_.base_.size());
      for (int month = 1; month <= kForecastMonths; ++month) {
        KEYFOLD_RETURN_IF_ERROR(AddSlot(measure, {Window::Kind::kClosedMonth, 0, month}).status());
      }
    }
    forecast_ = slots;
    return slots;
  }

  absl::StatusOr<uint16_t> DefinitionIndex(std::string_view id) override {
    const auto known = index_of_.find(std::string(id));
    if (known != index_of_.end()) return known->second;
    return absl::NotFoundError(Unknown("name", id, NamesIn(index_of_)));
  }

  absl::StatusOr<double> Parameter(std::string_view name) override {
    const auto known = catalog_.parameters_.find(std::string(name));
    if (known != catalog_.parameters_.end()) return known->second;
    return absl::NotFoundError(Unknown("parameter", name, NamesIn(catalog_.parameters_)));
  }

  // --- dependencies

  using FormulaOf = const Formula& (*)(const Definition& definition);

  // For an account every definition has its formula; for a group components are given, as sums.
  static const Formula& AccountFormula(const Definition& definition) { return definition.formula; }
  static const Formula& GroupFormula(const Definition& definition) {
    static const auto* const given = new Formula();
    return definition.is_kpi ? definition.group_formula : *given;
  }

  // Appends the definitions to `order`, each after what its formula reads.
  absl::Status SortByDependency(FormulaOf formula_of, std::vector<uint16_t>& order) const {
    enum class State : uint8_t { kNew, kOpen, kDone };
    std::vector<State> states(catalog_.definitions_.size(), State::kNew);
    std::function<absl::Status(uint16_t, const std::string&)> visit = [&](uint16_t index,
                                                                          const std::string& path) -> absl::Status {
      const Definition& definition = catalog_.definitions_[index];
      const std::string here = path.empty() ? definition.id : absl::StrCat(path, " -> ", definition.id);
      if (states[index] == State::kDone) return absl::OkStatus();
      if (states[index] == State::kOpen) return At(sources_[index].mark, absl::StrCat("a cycle: ", here));
      states[index] = State::kOpen;
      for (const Formula::Instruction& instruction : formula_of(definition).code()) {
        if (instruction.op == Formula::Op::kDefinition) KEYFOLD_RETURN_IF_ERROR(visit(instruction.index, here));
      }
      states[index] = State::kDone;
      order.push_back(index);
      return absl::OkStatus();
    };
    for (size_t i = 0; i < states.size(); ++i) KEYFOLD_RETURN_IF_ERROR(visit(static_cast<uint16_t>(i), ""));
    return absl::OkStatus();
  }

  // Marks the base components that a published KPI depends on.
  void MarkPublished() {
    std::vector<uint8_t> reached(catalog_.definitions_.size(), 0);
    for (uint16_t kpi : catalog_.kpis_) reached[kpi] = 1;
    for (auto index = catalog_.account_order_.rbegin(); index != catalog_.account_order_.rend(); ++index) {
      if (reached[*index] == 0) continue;
      for (const Formula::Instruction& instruction : catalog_.definitions_[*index].formula.code()) {
        if (instruction.op == Formula::Op::kDefinition) reached[instruction.index] = 1;
        if (instruction.op == Formula::Op::kBase || instruction.op == Formula::Op::kComplete) {
          catalog_.base_[instruction.index].published = true;
        }
        if (instruction.op == Formula::Op::kForecast) MarkForecastPublished();
      }
    }
  }

  void MarkForecastPublished() {
    for (int month = 0; month < kForecastMonths; ++month) {
      catalog_.base_[forecast_->forecast + month].published = true;
      catalog_.base_[forecast_->revenue + month].published = true;
    }
  }

  Catalog catalog_;
  std::string file_name_;
  const KpiSettings& settings_;
  std::map<std::string, Window> windows_;
  std::map<std::string, uint16_t> index_of_;
  std::map<std::pair<Measure, Window>, uint16_t> slots_;
  std::optional<ForecastSlots> forecast_;
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
