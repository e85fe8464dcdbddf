// The catalogue: which components are kept and which KPIs are published, as data (deploy/catalog.yaml), with its
// formulas compiled once.
#ifndef KEYFOLD_KPI_CATALOG_H_
#define KEYFOLD_KPI_CATALOG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "account/measure.h"
#include "base/calendar.h"
#include "base/currency.h"
#include "formula/formula.h"
#include "kpi/definition_set.h"
#include "kpi/presentation.h"
#include "kpi/window.h"

namespace keyfold {

// What a deployment decides about the meaning of its KPIs, beside the catalogue itself.
struct KpiSettings {
  std::string time_zone = "Europe/Berlin";
  int fiscal_year_start_month = 1;
  std::string reporting_currency = "EUR";
  std::map<std::string, double> parameters;  // override the catalogue's own
};

// A sum that formulas build on: contributions of a measure over a window.
struct BaseComponent {
  Measure measure;
  Window window;
  bool published = false;  // some KPI depends on it
  std::string text = {};   // "sum(revenue, t12m)", as a formula names it first
};

struct HistogramComponent {
  Measure measure;
  Window window;
};

// A derived component, a KPI, or a flag that is published as an alert only.
struct Definition {
  enum class Kind { kComponent, kKpi, kAlert };
  enum class Rollup { kFormula, kNone };
  using Better = keyfold::Better;

  std::string id;
  Kind kind = Kind::kComponent;
  bool is_money = false;  // evaluated in minor units, published in major units
  std::string unit;       // of KPIs and alerts, for an account
  Better better = Better::kNeither;
  Formula formula;  // for an account

  bool has_group() const { return kind != Kind::kComponent && rollup == Rollup::kFormula; }

  // For a group; components are summed instead.
  Rollup rollup = Rollup::kFormula;
  std::string group_id;  // the KPI's name for groups
  Formula group_formula;
};

// A flag whose changes are published: a KPI of unit `flag` with an `alert`, or one of the section `alerts`. It is
// raised where its value is defined and not 0.
struct Alert {
  uint16_t definition;        // its index
  bool of_customers = false;  // of an account: only while that is a customer
  bool of_groups = false;     // groups have it, too
};

// One of the things that a catalogue's hash covers: {"time zone", "Europe/Berlin"}.
struct DefinitionPart {
  std::string name;
  std::string value;  // or its hash
};

// A definition as the catalogue file has it.
struct DefinitionText {
  std::string formula;
  std::string group_formula;  // empty: as for an account
  Presentation presentation;  // of KPIs and alerts: for an account, and for a group
  Presentation group_presentation;
};

// Immutable and thread-safe once made.
class Catalog {
 public:
  // InvalidArgument names file, line and reason: syntax, unknown measure, window, function or name, a cycle, an id used
  // twice, a wrong setting.
  static absl::StatusOr<Catalog> Parse(const std::string& yaml, std::string_view file_name,
                                       const KpiSettings& settings);

  // The same catalogue with one KPI more: that of `formula`, for accounts and for groups, by the id `formula_id`. It
  // may read what no formula of the catalogue reads. What is stored stands for this catalogue as for the one without
  // it: the hash is the same, and so are all slots and indexes. For questions (ask/), which sum ledgers anew.
  // InvalidArgument as of Parse(), with the column; the id is not one, or is taken.
  absl::StatusOr<Catalog> WithFormula(std::string_view formula_id, std::string_view formula,
                                      std::string_view unit) const;

  // Identifies the definitions: whatever changes a value, or what is stored (windows, formulas, effective parameters,
  // time zone and its rules, currency, fiscal year, what events contribute), not how values are shown. 16 hex digits.
  const std::string& hash() const { return hash_; }

  // What the hash covers, to tell what differs where it does.
  const std::vector<DefinitionPart>& parts() const { return parts_; }

  const KpiSettings& settings() const { return settings_; }
  const Calendar& calendar() const { return calendar_; }
  Currency reporting_currency() const { return reporting_currency_; }
  double money_unit() const { return money_unit_; }  // minor units in a major unit of it

  const std::vector<BaseComponent>& base_components() const { return base_; }
  const std::vector<HistogramComponent>& histogram_components() const { return histograms_; }

  // The slots of a measure's base components.
  const std::vector<uint16_t>& SlotsOf(Measure measure) const { return slots_of_[static_cast<size_t>(measure)]; }

  // Definitions in the order of the file; formulas refer to them by index.
  const std::vector<Definition>& definitions() const { return definitions_; }

  // How a definition was written, and how its value is shown.
  const DefinitionText& TextOf(uint16_t index) const { return texts_[index]; }

  // What formulas may name: windows as they were written, and parameters with the values that are in force.
  const std::map<std::string, std::string>& windows() const { return windows_; }
  const std::map<std::string, double>& parameters() const { return parameters_; }

  // The index of a derived component or KPI, of a KPI by its own id or the one it has for groups; nullopt: there is
  // none.
  std::optional<uint16_t> FindDefinition(std::string_view id) const;
  std::optional<uint16_t> FindKpi(std::string_view id) const;

  // The slot of sum(measure, total); nullopt: no formula reads it.
  std::optional<uint16_t> FindTotal(Measure measure) const;

  // The slot of sum(customer, total), which every catalogue keeps: a record says whether an account is a customer.
  uint16_t customer_slot() const { return customer_slot_; }

  // Indexes of definitions such that each comes after what its formula reads, for an account and for a group.
  const std::vector<uint16_t>& account_order() const { return account_order_; }
  const std::vector<uint16_t>& group_order() const { return group_order_; }

  // Which definitions depend on a measure, by themselves or through others: positions in account_order().
  const DefinitionSet& ReadersOf(Measure measure) const { return readers_of_[static_cast<size_t>(measure)]; }

  // Indexes of the derived components, in the order of the file.
  const std::vector<uint16_t>& derived_components() const { return derived_; }

  // Whether any KPI or alert is published for groups.
  bool has_rollups() const { return has_rollups_; }

  // Indexes of the KPIs by their ids, and of those of groups by theirs, bytewise.
  const std::vector<uint16_t>& kpis_by_id() const { return kpis_by_id_; }
  const std::vector<uint16_t>& kpis_by_group_id() const { return kpis_by_group_id_; }

  // Indexes of the KPIs, in the order of the file.
  const std::vector<uint16_t>& kpis() const { return kpis_; }

  // Those of KPIs come first, else in the order of the file.
  const std::vector<Alert>& alerts() const { return alerts_; }

 private:
  friend class CatalogBuilder;
  friend class FormulaAdder;
  Catalog(KpiSettings settings, Calendar calendar)
      : settings_(std::move(settings)), calendar_(calendar), slots_of_(kMeasureNumberMax + 1) {}

  // Once all else is there.
  void FindReaders();
  std::string HashOfFormulas() const;  // and of the windows: 16 hex digits

  std::string hash_;
  std::vector<DefinitionPart> parts_;
  KpiSettings settings_;
  Calendar calendar_;
  Currency reporting_currency_;
  double money_unit_ = 1;
  std::vector<BaseComponent> base_;
  uint16_t customer_slot_ = 0;
  std::vector<HistogramComponent> histograms_;
  std::vector<std::vector<uint16_t>> slots_of_;
  std::vector<Definition> definitions_;
  std::vector<DefinitionText> texts_;  // of the definitions
  std::map<std::string, std::string> windows_;
  std::map<std::string, double> parameters_;
  std::vector<uint16_t> account_order_;
  std::vector<DefinitionSet> readers_of_;
  std::vector<uint16_t> group_order_;
  std::vector<uint16_t> derived_;
  bool has_rollups_ = false;
  std::vector<uint16_t> kpis_;
  std::vector<Alert> alerts_;
  std::vector<uint16_t> kpis_by_id_;
  std::vector<uint16_t> kpis_by_group_id_;
};

}  // namespace keyfold

#endif  // KEYFOLD_KPI_CATALOG_H_
