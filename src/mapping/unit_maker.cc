#include "mapping/unit_maker.h"

#include <xxhash.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "event/limits.h"
#include "event/validation.h"
#include "mapping/row_keys.h"

namespace keyfold {
namespace {

constexpr size_t kEventBytesMax = kRecordBytesMax - (size_t{4} << 10);  // a record has a key and headers, too
constexpr char kRepeated[] = "rows that repeat another one";
constexpr char kDifferent[] = "is the same in several rows with different content";

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

UnitMaker::UnitMaker(const Mapping& mapping, Mapping::Section section, std::string_view key,
                     std::span<const MappedRow> rows, MappingContext& context)
    : mapping_(mapping), section_(section), key_(key), context_(context) {
  evaluation_.rows = rows;
  evaluation_.lookups = context.lookups;
  evaluation_.notes = &notes_;
}

MappedUnit UnitMaker::Make() {
  if (section_ == Mapping::Section::kRows && mapping_.grouped_) {
    if (mapping_.line_key_.empty()) {
      CountRepeated();
    } else {
      TakeRepeatedOnce();
    }
  }
  if (section_ == Mapping::Section::kRows && mapping_.snapshots_) CountUnordered();
  while (!evaluation_.rows.empty() && (!FindAccount() || !MakeAll())) LeaveOut();
  context_.amounts.Add(amounts_);
  for (const auto& [note, count] : notes_) context_.notes[note] += count;
  unit_.rejections.insert(unit_.rejections.end(), std::make_move_iterator(left_out_.begin()),
                          std::make_move_iterator(left_out_.end()));
  return std::move(unit_);
}

// Without a key of its own a row of a group may well be there twice.
void UnitMaker::CountRepeated() {
  const std::span<const MappedRow> rows = evaluation_.rows;
  for (size_t at = 1; at < rows.size(); ++at) {
    if (rows[at].cells == rows[at - 1].cells) ++context_.notes["rows that repeat another one of their group (taken)"];
  }
}

// What does not say which of two snapshots was earlier leaves that to their cells.
void UnitMaker::CountUnordered() {
  std::string before;
  for (size_t at = 0; at < evaluation_.rows.size(); ++at) {
    std::string order;
    evaluation_.at = at;
    for (const Expression& part : mapping_.order_) {
      Value value;
      if (part.Evaluate(evaluation_, value)) AppendOrder(value, part.type(), order);
    }
    if (at > 0 && order == before && evaluation_.rows[at].cells != evaluation_.rows[at - 1].cells) {
      ++context_.notes["snapshots of one record with the same order (in that of their cells)"];
    }
    before = std::move(order);
  }
  evaluation_.at = Evaluation::kWhole;
}

void UnitMaker::TakeRepeatedOnce() {
  const std::span<const MappedRow> rows = evaluation_.rows;
  std::map<std::string, size_t> first_of;  // by the key
  std::set<size_t> repeated;
  for (size_t at = 0; at < rows.size(); ++at) {
    std::string key;
    evaluation_.at = at;
    if (!LineKey(key)) {
      evaluation_.bad_rows.emplace(at, evaluation_.problem);
      continue;
    }
    const auto [first, is_new] = first_of.emplace(key, at);
    if (is_new) continue;
    if (rows[at].cells == rows[first->second].cells) {
      repeated.insert(at);
      ++context_.notes[kRepeated];
      continue;
    }
    const MappingProblem problem = {"key", kDifferent, absl::StrCat(std::string(key_), " ", key)};
    for (const size_t which : {first->second, at}) evaluation_.bad_rows.emplace(which, problem);
  }
  KeepOthers(repeated);
}

// Of the row that is looked at.
bool UnitMaker::LineKey(std::string& key) {
  for (const Expression& part : mapping_.line_key_) {
    Value value;
    if (!part.Evaluate(evaluation_, value)) return false;
    if (value.nothing) return evaluation_.Fail({part.text(), "is empty, and names the row", ""});
    if (!key.empty()) key.push_back(':');
    AppendKeyPart(value.text, mapping_.line_key_.size() > 1, key);
  }
  return true;
}

// Without those, and without the bad ones, which are rejected.
void UnitMaker::KeepOthers(const std::set<size_t>& repeated) {
  std::vector<MappedRow> kept;
  for (size_t at = 0; at < evaluation_.rows.size(); ++at) {
    const MappedRow& row = evaluation_.rows[at];
    const auto bad = evaluation_.bad_rows.find(at);
    if (bad != evaluation_.bad_rows.end()) {
      Reject(row, bad->second);
    } else if (!repeated.contains(at)) {
      kept.push_back(row);
    }
  }
  kept_ = std::move(kept);
  evaluation_.rows = kept_;
  evaluation_.at = Evaluation::kWhole;
  evaluation_.bad_rows.clear();
}

// What is rejected of the rows of an account for what `once` says may be right for the others.
void UnitMaker::Reject(const MappedRow& row, const MappingProblem& problem) {
  if (section_ == Mapping::Section::kOnce && !mapping_.rows_.empty()) {
    ++context_.notes[absl::StrCat("rows left out of `once`: ", problem.column, " ", problem.reason)];
  } else {
    left_out_.push_back({row.line, row.file, 1, problem});
  }
}

// Those rows that have a problem; or, where all of them together have it, all.
void UnitMaker::LeaveOut() {
  unit_ = MappedUnit();
  ids_.clear();
  amounts_ = Amounts();
  notes_.clear();
  if (evaluation_.bad_rows.empty() && evaluation_.problem_at != Evaluation::kWhole) {
    evaluation_.bad_rows.emplace(evaluation_.problem_at, evaluation_.problem);
  }
  if (!evaluation_.bad_rows.empty()) return KeepOthers({});
  const MappedRow& first = *std::min_element(
      evaluation_.rows.begin(), evaluation_.rows.end(),
      [](const MappedRow& a, const MappedRow& b) { return std::pair(a.file, a.line) < std::pair(b.file, b.line); });
  left_out_.push_back({first.line, first.file, static_cast<int64_t>(evaluation_.rows.size()), evaluation_.problem});
  evaluation_.rows = {};
}

// Of a record that is seen again and again, the account that it has now.
bool UnitMaker::FindAccount() {
  const std::span<const MappedRow> rows = evaluation_.rows;
  account_ = std::string(rows.back().cells.back());
  if (section_ == Mapping::Section::kOnce || mapping_.snapshots_) return true;
  for (const MappedRow& row : rows) {
    if (row.cells.back() == account_) continue;
    return evaluation_.Fail({"account", "differs among the rows that belong together",
                             absl::StrCat(account_, " and ", std::string(row.cells.back()))});
  }
  if (mapping_.grouped_) return true;
  if (std::all_of(rows.begin(), rows.end(), [&](const MappedRow& row) { return row.cells == rows[0].cells; })) {
    evaluation_.rows = rows.first(1);
    if (rows.size() > 1) context_.notes[kRepeated] += static_cast<int64_t>(rows.size()) - 1;
    return true;
  }
  return evaluation_.Fail({"key", kDifferent, std::string(key_)});
}

bool UnitMaker::MakeAll() {
  const std::vector<Mapping::Rule>& rules = section_ == Mapping::Section::kOnce ? mapping_.once_ : mapping_.rows_;
  if (section_ == Mapping::Section::kOnce || !mapping_.snapshots_) return MakeAt(rules);
  for (size_t at = 0; at < evaluation_.rows.size(); ++at) {
    evaluation_.at = at;
    if (!MakeAt(rules)) return false;
  }
  return true;
}

bool UnitMaker::MakeAt(const std::vector<Mapping::Rule>& rules) {
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

bool UnitMaker::MakeOne(const EventTemplate& event) {
  MadeEvent made;
  if (!MakeEvent(event, mapping_.zone_, account_, evaluation_, made)) return false;
  std::string id;
  if (!MakeId(event, made.event, id)) return false;
  made.event.set_event_id(std::move(id));
  made.event.set_source(mapping_.system_);
  while (true) {
    Amounts added;
    MappingProblem of_amounts;
    if (!Settle(made.amounts, mapping_.rounding_, made.event.account_id(), {&amounts_, &context_.amounts}, added,
                of_amounts)) {
      return evaluation_.Fail(std::move(of_amounts));
    }
    const std::string problem = Validate(made.event, Currency()).problem;
    if (problem.empty() && made.event.ByteSizeLong() > kEventBytesMax) {
      return evaluation_.Fail({event.name, "is larger than a record may be", ""});
    }
    if (problem.empty()) {
      amounts_.Add(added);
      break;
    }
    const std::optional<int> line = LineOf(problem);
    if (!line.has_value() || made.line_rows.size() == 1) return evaluation_.Fail(ProblemOf(event, problem));
    made.DropLine(*event.payload, *line, ProblemOf(event, problem));
  }
  for (MadeEvent::BadLine& bad : made.bad_lines) {
    const MappedRow& row = evaluation_.rows[bad.row];
    unit_.rejections.push_back({row.line, row.file, 1, std::move(bad.problem)});
  }
  unit_.events.push_back(std::move(made.event));
  return true;
}

// Of several events of one type of a record each has its time in its id.
bool UnitMaker::MakeId(const EventTemplate& event, const v1::AccountEvent& made, std::string& id) {
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
    evaluation_.at = Evaluation::kWhole;  // it is no row's fault
    return evaluation_.Fail({event.name, "comes twice for one key: `id:` tells them apart", ""});
  }
  for (int number = 2;; ++number) {
    id = EventId(mapping_.name_, event.name, absl::StrCat(key, ":", number));
    if (ids_.insert(id).second) return true;
  }
}

}  // namespace keyfold
