#include "mapping/mapping.h"

#include <xxhash.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/check.h"
#include "event/limits.h"
#include "event/validation.h"

namespace keyfold {
namespace {

using Fate = PreparedRow::Fate;

constexpr size_t kEventBytesMax = kRecordBytesMax - (size_t{4} << 10);  // a record has a key and headers, too

// Without spaces around it; empty where it means nothing.
std::string_view Cleaned(std::string_view cell, const std::vector<std::string>& empty) {
  cell = Trimmed(cell);
  return std::find(empty.begin(), empty.end(), cell) == empty.end() ? cell : std::string_view();
}

// A part of a key, so that parts with a colon between them cannot be mistaken for others.
void AppendKeyPart(std::string_view part, bool escape, std::string& key) {
  for (const char c : part) {
    if (escape && (c == ':' || c == '%')) {
      absl::StrAppend(&key, c == ':' ? "%3A" : "%25");
    } else {
      key.push_back(c);
    }
  }
}

// Bytes that compare as the values do; nothing comes first.
void AppendOrder(const Value& value, ValueType type, std::string& order) {
  order.push_back(value.nothing ? '\0' : '\1');
  if (value.nothing) return;
  switch (type) {
    case ValueType::kNumber:
      order.append(value.number.SortKey());
      return;
    case ValueType::kTime: {
      const uint64_t biased = static_cast<uint64_t>(absl::ToUnixNanos(value.time)) + (uint64_t{1} << 63);
      for (int shift = 56; shift >= 0; shift -= 8) order.push_back(static_cast<char>(biased >> shift));
      return;
    }
    case ValueType::kTruth:
      order.push_back(value.truth ? '\1' : '\0');
      return;
    case ValueType::kText:
      order.append(value.text);
      order.push_back('\0');
  }
}

// "<name>:<type>:<key>", with a hash instead of a key that is too long.
std::string EventId(std::string_view name, std::string_view type, std::string_view key) {
  std::string id = absl::StrCat(std::string(name), ":", std::string(type), ":", std::string(key));
  if (id.size() <= kIdBytesMax) return id;
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  return absl::StrFormat("%s:%s:%016x%016x", std::string(name), std::string(type), hash.high64, hash.low64);
}

// The number of the line that a problem is about: "lines[3].net: ..."; nullopt: it is about something else.
std::optional<int> LineOf(std::string_view problem) {
  constexpr std::string_view kPrefix = "lines[";
  if (!problem.starts_with(kPrefix)) return std::nullopt;
  int line = 0;
  const size_t end = problem.find(']');
  if (!absl::SimpleAtoi(std::string(problem.substr(kPrefix.size(), end - kPrefix.size())), &line)) return std::nullopt;
  return line;
}

// "<field>: <what is wrong>" as a problem of a mapping.
MappingProblem ProblemOf(const EventTemplate& event, std::string_view problem) {
  if (LineOf(problem).has_value()) problem.remove_prefix(problem.find("].") + 2);
  const size_t colon = std::min(problem.find(": "), problem.size());
  return {absl::StrCat(event.name, ".", std::string(problem.substr(0, colon))),
          std::string(problem.substr(std::min(colon + 2, problem.size()))), ""};
}

}  // namespace

// Makes the events of one unit of rows.
class UnitMaker {
 public:
  UnitMaker(const Mapping& mapping, Mapping::Section section, std::string_view key, std::span<const MappedRow> rows,
            MappingContext& context)
      : mapping_(mapping), section_(section), key_(key), context_(context) {
    evaluation_.rows = rows;
    evaluation_.lookups = context.lookups;
    evaluation_.notes = &context.notes;
  }

  MappedUnit Make() {
    if (!FindAccount() || !MakeAll()) {
      const MappedRow& first = *std::min_element(
          evaluation_.rows.begin(), evaluation_.rows.end(),
          [](const MappedRow& a, const MappedRow& b) { return std::pair(a.file, a.line) < std::pair(b.file, b.line); });
      unit_.events.clear();
      unit_.rejections = {{first.line, first.file, static_cast<int64_t>(evaluation_.rows.size()), evaluation_.problem}};
      return std::move(unit_);
    }
    context_.amounts.Add(amounts_);
    return std::move(unit_);
  }

 private:
  // Of a record that is seen again and again, the account that it has now.
  bool FindAccount() {
    const std::span<const MappedRow> rows = evaluation_.rows;
    account_ = std::string(rows.back().cells.back());
    if (section_ == Mapping::Section::kOnce || mapping_.snapshots_) return true;
    for (const MappedRow& row : rows) {
      if (row.cells.back() == account_) continue;
      evaluation_.problem = {"account", "differs among the rows that belong together",
                             absl::StrCat(account_, " and ", std::string(row.cells.back()))};
      return false;
    }
    if (mapping_.grouped_) return true;
    if (std::all_of(rows.begin(), rows.end(), [&](const MappedRow& row) { return row.cells == rows[0].cells; })) {
      evaluation_.rows = rows.first(1);
      if (rows.size() > 1) context_.notes["rows that repeat another one"] += static_cast<int64_t>(rows.size()) - 1;
      return true;
    }
    evaluation_.problem = {"key", "is the same in several rows with different content", std::string(key_)};
    return false;
  }

  bool MakeAll() {
    const std::vector<Mapping::Rule>& rules = section_ == Mapping::Section::kOnce ? mapping_.once_ : mapping_.rows_;
    if (section_ == Mapping::Section::kOnce || !mapping_.snapshots_) return MakeAt(rules);
    for (size_t at = 0; at < evaluation_.rows.size(); ++at) {
      evaluation_.at = at;
      if (!MakeAt(rules)) return false;
    }
    return true;
  }

  bool MakeAt(const std::vector<Mapping::Rule>& rules) {
    for (const Mapping::Rule& rule : rules) {
      if (rule.when.has_value()) {
        Value holds;
        if (!rule.when->Evaluate(evaluation_, holds)) return false;
        if (!holds.truth) continue;
      }
      for (const EventTemplate& event : rule.events) {
        if (!MakeOne(event)) return false;
      }
    }
    return true;
  }

  bool MakeOne(const EventTemplate& event) {
    MadeEvent made;
    if (!MakeEvent(event, mapping_.zone_, account_, evaluation_, made)) return false;
    std::string id;
    if (!MakeId(event, made.event, id)) return false;
    made.event.set_event_id(std::move(id));
    made.event.set_source(mapping_.system_);
    while (true) {
      Amounts added;
      if (!Settle(made.amounts, mapping_.rounding_, made.event.account_id(), {&amounts_, &context_.amounts}, added,
                  evaluation_.problem)) {
        return false;
      }
      const std::string problem = Validate(made.event, Currency()).problem;
      if (problem.empty() && made.event.ByteSizeLong() > kEventBytesMax) {
        evaluation_.problem = {event.name, "is larger than a record may be", ""};
        return false;
      }
      if (problem.empty()) {
        amounts_.Add(added);
        break;
      }
      const std::optional<int> line = LineOf(problem);
      evaluation_.problem = ProblemOf(event, problem);
      if (!line.has_value() || made.line_rows.size() == 1) return false;
      made.DropLine(*event.payload, *line, evaluation_.problem);
    }
    for (MadeEvent::BadLine& bad : made.bad_lines) {
      const MappedRow& row = evaluation_.rows[bad.row];
      unit_.rejections.push_back({row.line, row.file, 1, std::move(bad.problem)});
    }
    unit_.events.push_back(std::move(made.event));
    return true;
  }

  // Of several events of one type of a record each has its time in its id.
  bool MakeId(const EventTemplate& event, const v1::AccountEvent& made, std::string& id) {
    std::string key(key_);
    if (event.id.has_value()) {
      Value suffix;
      if (!event.id->Evaluate(evaluation_, suffix)) return false;
      absl::StrAppend(&key, ":", std::string(suffix.text));
    } else if (section_ == Mapping::Section::kRows && mapping_.snapshots_) {
      absl::StrAppend(&key, ":", made.occurred_at().seconds());
    }
    id = EventId(mapping_.name_, event.name, key);
    if (ids_.insert(id).second) return true;
    if (!mapping_.snapshots_ || event.id.has_value()) {
      evaluation_.problem = {event.name, "comes twice for one key: `id:` tells them apart", ""};
      return false;
    }
    for (int number = 2;; ++number) {
      id = EventId(mapping_.name_, event.name, absl::StrCat(key, ":", number));
      if (ids_.insert(id).second) return true;
    }
  }

  const Mapping& mapping_;
  const Mapping::Section section_;
  const std::string_view key_;
  MappingContext& context_;
  Evaluation evaluation_;
  std::string account_;
  std::set<std::string> ids_;
  Amounts amounts_;  // of this unit
  MappedUnit unit_;
};

MappedUnit Mapping::Apply(Section section, std::string_view key, std::span<const MappedRow> rows,
                          MappingContext& context) const {
  KEYFOLD_CHECK(!rows.empty());
  return UnitMaker(*this, section, key, rows, context).Make();
}

void Mapping::CleanLookup(std::vector<std::string_view>& cells) const {
  for (std::string_view& cell : cells) cell = Cleaned(cell, empty_);
}

bool Mapping::PrepareCells(MappedRow& row, MappingProblem& problem) const {
  for (size_t slot = 0; slot < formats_.size(); ++slot) {
    const ColumnFormat& format = *formats_[slot];
    std::string_view& cell = row.cells[slot];
    cell = Cleaned(cell, format.empty);
    Value ignored;
    if (format.type == ValueType::kText || ConvertText(cell, format, format.type, ignored, problem)) continue;
    problem.column = columns_[slot].name;
    return false;
  }
  return true;
}

bool Mapping::Check(const Condition& condition, Evaluation& evaluation, Fate fate, PreparedRow& prepared) const {
  Value holds;
  if (!condition.holds.Evaluate(evaluation, holds)) {
    prepared.fate = Fate::kRejected;
    prepared.problem = evaluation.problem;
  } else if (holds.truth) {
    prepared.fate = fate;
    prepared.problem = {"", condition.reason, ""};
  }
  return prepared.fate == Fate::kTaken;
}

bool Mapping::PrepareIds(Evaluation& evaluation, PreparedRow& prepared) const {
  Value value;
  if (account_.has_value()) {
    if (!account_->Evaluate(evaluation, value)) return false;
    prepared.account = std::string(value.text);
    if (value.nothing) {
      evaluation.problem = {account_->text(), "is empty: there is no account", ""};
      return false;
    }
  }
  for (const Expression& part : key_) {
    if (!part.Evaluate(evaluation, value)) return false;
    if (value.nothing) {
      evaluation.problem = {part.text(), "is empty, and names the row", ""};
      return false;
    }
    if (&part != &key_.front()) prepared.key.push_back(':');
    AppendKeyPart(value.text, key_.size() > 1, prepared.key);
  }
  for (const Expression& part : order_) {
    if (!part.Evaluate(evaluation, value)) return false;
    AppendOrder(value, part.type(), prepared.order);
  }
  return true;
}

void Mapping::Prepare(MappedRow& row, MappingContext& context, PreparedRow& prepared) const {
  KEYFOLD_CHECK(row.cells.size() == columns_.size() + 1);
  prepared.fate = Fate::kTaken;
  prepared.account.clear();
  prepared.key.clear();
  prepared.order.clear();
  if (!PrepareCells(row, prepared.problem)) {
    prepared.fate = Fate::kRejected;
    return;
  }
  Evaluation evaluation;
  evaluation.rows = std::span<const MappedRow>(&row, 1);
  evaluation.at = 0;
  evaluation.lookups = context.lookups;
  evaluation.notes = &context.notes;
  for (const Condition& condition : skip_) {
    if (!Check(condition, evaluation, Fate::kSkipped, prepared)) return;
  }
  for (const Condition& condition : reject_) {
    if (!Check(condition, evaluation, Fate::kRejected, prepared)) return;
  }
  if (!PrepareIds(evaluation, prepared)) {
    prepared.fate = Fate::kRejected;
    prepared.problem = evaluation.problem;
  }
  row.cells.back() = prepared.account;
}

}  // namespace keyfold
