#include "kpi/catalog.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "xxhash.h"

namespace keyfold {
namespace {

// Of texts, each with its length: two lists that differ are two inputs.
class TextHash {
 public:
  void Add(const std::string& text) { absl::StrAppend(&input_, text.size(), ":", text); }
  void Add(double number) { Add(absl::StrFormat("%.17g", number)); }
  std::string Hex() const { return absl::StrFormat("%016x", XXH3_64bits(input_.data(), input_.size())); }

 private:
  std::string input_;
};

}  // namespace

std::optional<uint16_t> Catalog::FindDefinition(std::string_view id) const {
  for (size_t index = 0; index < definitions_.size(); ++index) {
    if (definitions_[index].id == id) return static_cast<uint16_t>(index);
  }
  return std::nullopt;
}

std::optional<uint16_t> Catalog::FindKpi(std::string_view id) const {
  for (uint16_t index : kpis_) {
    if (definitions_[index].id == id) return index;
  }
  for (uint16_t index : kpis_) {
    const Definition& kpi = definitions_[index];
    if (kpi.rollup != Definition::Rollup::kNone && kpi.group_id == id) return index;
  }
  return std::nullopt;
}

std::optional<uint16_t> Catalog::FindTotal(Measure measure) const {
  for (uint16_t slot : SlotsOf(measure)) {
    if (base_[slot].window.kind == Window::Kind::kTotal) return slot;
  }
  return std::nullopt;
}

// Definitions in the order of the file: stored sums follow it.
std::string Catalog::HashOfFormulas() const {
  TextHash hash;
  for (const auto& [name, window] : windows_) {
    hash.Add(name);
    hash.Add(window);
  }
  for (size_t i = 0; i < definitions_.size(); ++i) {
    hash.Add(definitions_[i].id);
    hash.Add(texts_[i].formula);
    hash.Add(definitions_[i].group_id);
    hash.Add(texts_[i].group_formula);
    const Definition::Kind kind = definitions_[i].kind;
    hash.Add((kind == Definition::Kind::kKpi ? 1 : 0) + (definitions_[i].is_money ? 2 : 0) +
             (kind == Definition::Kind::kAlert ? 4 : 0));
    hash.Add(definitions_[i].rollup == Definition::Rollup::kNone ? 1 : 0);
  }
  return hash.Hex();
}

void Catalog::FindReaders() {
  const std::vector<uint16_t>& order = account_order_;
  std::vector<size_t> position_of(order.size());
  readers_of_.assign(kMeasureNumberMax + 1, DefinitionSet(order.size()));
  for (size_t position = 0; position < order.size(); ++position) {
    position_of[order[position]] = position;
    const auto add = [this, position](Measure measure) { readers_of_[static_cast<size_t>(measure)].Add(position); };
    for (const Formula::Instruction& instruction : definitions_[order[position]].formula.code()) {
      switch (instruction.op) {
        case Formula::Op::kBase:
        case Formula::Op::kComplete:
          add(base_[instruction.index].measure);
          break;
        case Formula::Op::kQuantile:
          add(histograms_[instruction.index].measure);
          break;
        case Formula::Op::kForecast:
          for (Measure measure : {Measure::kForecast, Measure::kForecastMonths, Measure::kRevenue}) add(measure);
          break;
        case Formula::Op::kDefinition: {
          const size_t read = position_of[instruction.index];
          for (DefinitionSet& readers : readers_of_) {
            if (readers.Contains(read)) readers.Add(position);
          }
          break;
        }
        default:
          break;  // reads no component
      }
    }
  }
}

}  // namespace keyfold
