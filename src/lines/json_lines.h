// JSON lines out: what `fold`, `validate` and `query` share.
#ifndef KEYFOLD_LINES_JSON_LINES_H_
#define KEYFOLD_LINES_JSON_LINES_H_

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "base/calendar.h"
#include "event/decoder.h"
#include "state/account_reader.h"

namespace keyfold {

// {"line":N,"code":"invalid","message":"...","record":"..."}; bytes that are not UTF-8 become U+FFFD.
void WriteDeadLetter(std::ostream& out, int64_t line, const Rejection& rejection, std::string_view record);

// {"account_id":"A1","as_of":"2026-06-30","kpis":{...},"missing_rates":[]}, and with `measures` each measure's sum over
// all days up to `day` in its own currency.
void WriteAccount(std::ostream& out, const FoldedValues& values, Day day, bool measures);

// {"group_id":"manager:M7","as_of":...,"accounts":12,"kpis":{...},"missing_rates":[]}
void WriteGroup(std::ostream& out, const FoldedValues& values, Day day);

}  // namespace keyfold

#endif  // KEYFOLD_LINES_JSON_LINES_H_
