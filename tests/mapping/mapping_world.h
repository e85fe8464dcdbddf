// A mapping, and rows that it is given.
#ifndef KEYFOLD_TESTS_MAPPING_MAPPING_WORLD_H_
#define KEYFOLD_TESTS_MAPPING_MAPPING_WORLD_H_

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mapping/mapping.h"

namespace keyfold {

using Cells = std::map<std::string, std::string>;

class World {
 public:
  explicit World(const std::string& yaml) : mapping_(Mapping::Parse(yaml, "m.yaml").value()) {
    for (const LookupSource& lookup : mapping_.lookups()) {
      lookups_.push_back(lookup);
      tables_.emplace_back();
    }
    context_.lookups = tables_;
  }

  void AddToLookup(const std::string& key, const Cells& cells) {
    std::vector<std::string_view> row;
    for (const std::string& column : lookups_[0].columns) row.push_back(cells.at(column));
    tables_[0].Add(key, row);
  }

  void Add(Cells cells) { rows_.push_back(std::move(cells)); }

  // Maps all rows: one text for each event, "type account@seconds: JSON of the payload".
  std::vector<std::string> Events() {
    struct Taken {
      std::string order;
      MappedRow row;
      PreparedRow prepared;
    };
    std::vector<std::unique_ptr<PreparedRow>> kept;
    std::map<std::pair<Mapping::Section, std::string>, std::vector<std::pair<std::string, MappedRow>>> units;
    rejected_.clear();
    int64_t line = 1;
    for (const Cells& cells : rows_) {
      MappedRow row;
      row.line = ++line;
      for (const ColumnUse& column : mapping_.columns()) {
        const auto cell = cells.find(column.name);
        row.cells.push_back(cell == cells.end() ? std::string_view() : std::string_view(cell->second));
      }
      row.cells.emplace_back();
      PreparedRow& prepared = *kept.emplace_back(std::make_unique<PreparedRow>());
      mapping_.Prepare(row, context_, prepared);
      if (prepared.fate == PreparedRow::Fate::kSkipped) rejected_.push_back("skipped: " + prepared.problem.reason);
      if (prepared.fate == PreparedRow::Fate::kRejected) Reject(row.line, prepared.problem);
      if (prepared.fate != PreparedRow::Fate::kTaken) continue;
      if (mapping_.has(Mapping::Section::kOnce)) {
        units[{Mapping::Section::kOnce, prepared.account}].emplace_back(prepared.order, row);
      }
      if (mapping_.has(Mapping::Section::kRows)) {
        units[{Mapping::Section::kRows, prepared.key}].emplace_back(prepared.order, row);
      }
    }
    std::vector<std::string> events;
    for (auto& [unit, rows] : units) {
      std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.first, a.second.cells) < std::tie(b.first, b.second.cells);
      });
      std::vector<MappedRow> ordered;
      for (const auto& [order, row] : rows) ordered.push_back(row);
      MappedUnit made = mapping_.Apply(unit.first, unit.second, ordered, context_);
      for (const MappingRejection& rejection : made.rejections) Reject(rejection.line, rejection.problem);
      for (const v1::AccountEvent& event : made.events) events.push_back(ToText(event));
    }
    return events;
  }

  const std::vector<std::string>& rejected() const { return rejected_; }
  const MappingContext& context() const { return context_; }

 private:
  void Reject(int64_t line, const MappingProblem& problem) {
    rejected_.push_back(absl::StrCat("line ", line, ": ", problem.column, " ", problem.reason,
                                     problem.value.empty() ? "" : absl::StrCat(": ", problem.value)));
  }

  static std::string ToText(const v1::AccountEvent& event) {
    const auto* const payload = v1::AccountEvent::descriptor()->FindFieldByNumber(event.payload_case());
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string json;
    const auto& message = event.GetReflection()->GetMessage(event, payload);
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
    return absl::StrCat(event.event_id(), event.revision() > 0 ? absl::StrCat(" r", event.revision()) : "",
                        event.retracted() ? " retracted " : " ", event.account_id(), "@", event.occurred_at().seconds(),
                        ": ", json);
  }

  Mapping mapping_;
  std::vector<LookupSource> lookups_;
  std::vector<LookupTable> tables_;
  std::vector<Cells> rows_;
  MappingContext context_;
  std::vector<std::string> rejected_;
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_MAPPING_MAPPING_WORLD_H_
