// Whatever the file of a mapping holds, it is refused with a reason or taken; and one that is taken makes valid events
// or rejections of any rows.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "event/validation.h"
#include "fuzz/fuzz_target.h"
#include "mapping/mapping.h"

namespace keyfold {
namespace {

// What the cells of rows hold, one after the other.
constexpr std::string_view kCells[] = {"",          "1",          "-12.50",    "2016-02-29", "A1",
                                       "1.234,56-", "Closed Won", "\xff\x00x", "0",          "99999999999999999999"};

void MapRows(const Mapping& mapping) {
  MappingContext context;
  const std::vector<LookupTable> lookups(mapping.lookups().size());
  context.lookups = lookups;
  const size_t cells = mapping.columns().size() + 1;
  for (size_t first = 0; first < std::size(kCells); ++first) {
    std::vector<MappedRow> rows(2);
    std::vector<PreparedRow> prepared(2);
    for (size_t row = 0; row < rows.size(); ++row) {
      for (size_t cell = 0; cell < cells; ++cell) {
        rows[row].cells.push_back(kCells[(first + row * 3 + cell) % std::size(kCells)]);
      }
      mapping.Prepare(rows[row], context, prepared[row]);
      if (prepared[row].fate != PreparedRow::Fate::kTaken) {
        if (prepared[row].problem.reason.empty()) std::abort();
        return;
      }
    }
    for (const Mapping::Section section : {Mapping::Section::kOnce, Mapping::Section::kRows}) {
      const MappedUnit unit = mapping.Apply(section, prepared[0].key, rows, context);
      for (const v1::AccountEvent& event : unit.events) {
        if (!Validate(event, Currency()).problem.empty()) std::abort();
      }
      for (const MappingRejection& rejection : unit.rejections) {
        if (rejection.problem.reason.empty()) std::abort();
      }
    }
  }
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  return {R"yaml(name: crm
source: {type: csv, delimiter: ";", encoding: windows-1252, skip_lines: 1}
time_zone: Europe/Berlin
numbers: 1.234,56
dates: ["%d.%m.%Y", iso]
empty: ["NULL"]
columns:
  a: {from: A, date: "%Y", empty: x, optional: true}
  n: decimal
tables: {t: {x: y, else: z}}
lookups: {l: {file: f.csv, key: k}}
account: coalesce(b, "unknown")
group: [c, d]
order: a
rounding: account
skip: {r: 'n < 0 and t[b] = "y"'}
once:
  - account_opened: {at: min(a), name: first(l[b].m)}
rows:
  - when: any(n > 1)
    invoice_issued:
      at: min(a)
      invoice_id: c
      lines: {line_id: row, sale_type: BASE, quantity: n, net: {EUR: n * 2}, cost: {currency: d, amount: n}}
)yaml",
          R"yaml(name: s
account: a
snapshots: {key: k}
order: [date(o), n]
rows:
  - when: becomes(s = "x") or first_time(changed(s)) and before(s) != ""
    opportunity_updated: {at: add_days(date(o), 1), id: s, opportunity_id: k, amount: {EUR: "= round(v, 2)"}}
)yaml",
          R"yaml(name: q
account: unpad(a)
key: id18(k)
rows:
  - survey_answered: {at: t, response_id: k, kind: NPS, score: if(one_of(s, "a"), 1, number(s, "1.234,56"))}
  - fx_rate_set: {at: t, currency_code: "USD", month: t, rate: v}
)yaml"};
}

void TryBytes(std::string_view bytes) {
  const absl::StatusOr<Mapping> mapping = Mapping::Parse(std::string(bytes), "m.yaml");
  if (!mapping.ok()) {
    if (mapping.status().message().empty()) std::abort();
    return;
  }
  MapRows(*mapping);
}

}  // namespace keyfold
