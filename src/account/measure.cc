#include "account/measure.h"

#include <array>

namespace keyfold {
namespace {

struct MeasureEntry {
  std::string_view name;
  MeasureKind kind = MeasureKind::kFlow;
  MeasureUnit unit = MeasureUnit::kCount;
};

constexpr std::array<MeasureEntry, kMeasureNumberMax + 1> kEntries = [] {
  std::array<MeasureEntry, kMeasureNumberMax + 1> entries;
#define KEYFOLD_MEASURE_ENTRY(name, number, text, kind, unit) \
  entries[number] = {text, MeasureKind::kind, MeasureUnit::unit};
  KEYFOLD_MEASURES(KEYFOLD_MEASURE_ENTRY)
#undef KEYFOLD_MEASURE_ENTRY
  return entries;
}();

const MeasureEntry& EntryOf(Measure measure) { return kEntries[static_cast<size_t>(measure)]; }

}  // namespace

std::string_view MeasureName(Measure measure) { return EntryOf(measure).name; }
MeasureKind KindOf(Measure measure) { return EntryOf(measure).kind; }
MeasureUnit UnitOf(Measure measure) { return EntryOf(measure).unit; }

std::optional<Measure> FindMeasure(std::string_view name) {
  for (size_t number = 1; number < kEntries.size(); ++number) {
    if (kEntries[number].name == name) return static_cast<Measure>(number);
  }
  return std::nullopt;
}

bool ConvertsAsStock(Measure measure) {
  return KindOf(measure) == MeasureKind::kStock || measure == Measure::kContractValueDue;
}

}  // namespace keyfold
