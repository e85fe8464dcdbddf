// What a catalogue's hash identifies, part by part.
#ifndef KEYFOLD_KPI_DEFINITION_PARTS_H_
#define KEYFOLD_KPI_DEFINITION_PARTS_H_

#include <map>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "kpi/catalog.h"

namespace keyfold {

// Of a catalogue with these windows and formulas, settings and effective parameters, by this version of the code.
std::vector<DefinitionPart> DefinitionParts(const std::string& formulas_hash, const KpiSettings& settings,
                                            const Calendar& calendar, const std::map<std::string, double>& parameters);

// 16 hex digits.
std::string HashOf(const std::vector<DefinitionPart>& parts);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_DEFINITION_PARTS_H_
