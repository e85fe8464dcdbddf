// What a record of account-kpis or rollup-kpis says, in whatever format it was published, and its JSON for clients.
#ifndef KEYFOLD_LIVE_PUBLISHED_UPDATE_H_
#define KEYFOLD_LIVE_PUBLISHED_UPDATE_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {

// Reads a record's value; nullopt: see ParsePublished().
std::optional<v1::KpiUpdate> DecodeUpdate(std::string_view value);

// KPIs by their ids; those that a client wants to see. Empty: all.
using KpiSelection = std::set<std::string, std::less<>>;

// Visits the KPIs of a serialised update that are defined, without parsing the rest of it.
void VisitKpis(std::string_view update, absl::FunctionRef<void(std::string_view kpi, double value)> visit);

// Appends the update as one JSON object: proto3 JSON with the field names of the .proto file, every field that is no
// message present, KPIs in the order of their ids. With a selection, `kpis` and `changed` hold nothing else.
void AppendUpdateJson(const v1::KpiUpdate& update, const KpiSelection& selection, std::string& out);

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_PUBLISHED_UPDATE_H_
