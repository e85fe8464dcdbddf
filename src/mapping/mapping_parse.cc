// The file of a mapping, section by section; the first thing wrong ends it.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "mapping/event_parse.h"
#include "mapping/mapping.h"
#include "mapping/mapping_names.h"
#include "mapping/mapping_yaml.h"
#include "mapping/source_parse.h"

namespace keyfold {
namespace {

constexpr size_t kNameBytesMax = 40;    // part of event ids and of directories' names
constexpr size_t kTopicBytesMax = 249;  // of Kafka

// Letters, digits and these signs, at least one and at most so many.
bool IsName(std::string_view text, std::string_view signs, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || signs.find(c) != std::string_view::npos;
  });
}

}  // namespace

class MappingBuilder {
 public:
  explicit MappingBuilder(std::string_view file_name) : yaml_(file_name, names_) { mapping_.file_name_ = file_name; }

  absl::StatusOr<Mapping> Build(const std::string& text) {
    // yaml-cpp reports by exceptions; they end here.
    try {
      KEYFOLD_RETURN_IF_ERROR(Read(YAML::Load(text)));
    } catch (const YAML::Exception& error) {
      const bool in_braces = error.msg.find("flow") != std::string::npos;
      return yaml_.At(error.mark, in_braces ? absl::StrCat(error.msg, "; ", kInBraces) : error.msg);
    }
    if (const auto* const unused = names_.Unused()) {
      return absl::InvalidArgumentError(absl::StrCat(mapping_.file_name_, ":", unused->second.line, ": column '",
                                                     unused->first, "' is used by nothing"));
    }
    mapping_.columns_ = names_.columns();
    mapping_.formats_ = names_.formats();
    mapping_.lookups_ = names_.lookups();
    return std::move(mapping_);
  }

 private:
  absl::Status Read(const YAML::Node& root) {
    KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(
        root, "section",
        {"name",    "system", "source", "time_zone", "numbers", "dates", "empty",  "columns", "tables", "lookups",
         "account", "key",    "group",  "snapshots", "order",   "skip",  "reject", "once",    "rows",   "rounding"}));
    KEYFOLD_RETURN_IF_ERROR(ReadNames(root));
    if (root["source"]) KEYFOLD_RETURN_IF_ERROR(ParseSource(root["source"], yaml_, mapping_.source_));
    KEYFOLD_RETURN_IF_ERROR(ReadDefaults(root));
    if (root["columns"]) KEYFOLD_RETURN_IF_ERROR(ReadColumns(root["columns"]));
    if (root["tables"]) KEYFOLD_RETURN_IF_ERROR(ReadTables(root["tables"]));
    if (root["lookups"]) KEYFOLD_RETURN_IF_ERROR(ReadLookups(root["lookups"]));
    KEYFOLD_RETURN_IF_ERROR(ReadKeys(root));
    KEYFOLD_RETURN_IF_ERROR(ReadConditions(root["skip"], mapping_.skip_));
    KEYFOLD_RETURN_IF_ERROR(ReadConditions(root["reject"], mapping_.reject_));
    KEYFOLD_RETURN_IF_ERROR(ReadRules(root["once"], ExpressionScope::kGroup, mapping_.once_));
    const ExpressionScope scope = mapping_.snapshots_ ? ExpressionScope::kSnapshot : ExpressionScope::kGroup;
    KEYFOLD_RETURN_IF_ERROR(ReadRules(root["rows"], scope, mapping_.rows_));
    return CheckWhole(root);
  }

  absl::Status ReadNames(const YAML::Node& root) {
    if (!root["name"]) return yaml_.At(root.Mark(), "name: missing; it begins the ids of all events");
    KEYFOLD_ASSIGN_OR_RETURN(mapping_.name_, yaml_.Text(root["name"], "name"));
    if (!IsName(mapping_.name_, "_-", kNameBytesMax)) {
      return yaml_.At(root["name"].Mark(), absl::StrCat("name: 1 to ", kNameBytesMax, " letters, digits, _ and -"));
    }
    mapping_.system_ = mapping_.name_;
    KEYFOLD_RETURN_IF_ERROR(yaml_.TakeText(root, "system", mapping_.system_));
    return absl::OkStatus();
  }

  // How texts are read where no column says otherwise.
  absl::Status ReadDefaults(const YAML::Node& root) {
    mapping_.zone_ = absl::UTCTimeZone();
    if (root["time_zone"]) KEYFOLD_RETURN_IF_ERROR(ReadZone(root["time_zone"], mapping_.zone_));
    defaults_.zone = mapping_.zone_;
    defaults_.dates = {*DateFormat::Create("iso")};
    KEYFOLD_RETURN_IF_ERROR(ReadFormat(root, defaults_));
    mapping_.empty_ = defaults_.empty;
    names_.set_default_format(std::make_shared<ColumnFormat>(defaults_));
    return absl::OkStatus();
  }

  absl::Status ReadZone(const YAML::Node& node, absl::TimeZone& zone) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string name, yaml_.Text(node, "time zone"));
    if (absl::LoadTimeZone(name, &zone)) return absl::OkStatus();
    return yaml_.At(node.Mark(), absl::StrCat("'", name, "' is no time zone (Europe/Berlin)"));
  }

  // What a column or the whole mapping says of numbers, dates and empty cells.
  absl::Status ReadFormat(const YAML::Node& node, ColumnFormat& format) {
    if (const YAML::Node numbers = node["numbers"]) {
      KEYFOLD_ASSIGN_OR_RETURN(const std::string text, yaml_.Text(numbers, "numbers"));
      const std::optional<NumberFormat> parsed = NumberFormat::FromExample(text);
      if (!parsed.has_value()) {
        return yaml_.At(numbers.Mark(), absl::StrCat("numbers: '", text,
                                                     "'; say how the file writes this number: 1234.56, 1,234.56, "
                                                     "1.234,56, 1234,56, \"1 234,56\" or \"1'234.56\""));
      }
      format.numbers = *parsed;
    }
    for (const char* const key : {"dates", "date", "time"}) {
      if (node[key]) KEYFOLD_RETURN_IF_ERROR(ReadDates(node[key], format.dates));
    }
    if (node["zone"]) KEYFOLD_RETURN_IF_ERROR(ReadZone(node["zone"], format.zone));
    if (!node["empty"]) return absl::OkStatus();
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> empty, yaml_.Texts(node["empty"], "empty"));
    format.empty.insert(format.empty.end(), empty.begin(), empty.end());
    return absl::OkStatus();
  }

  absl::Status ReadDates(const YAML::Node& node, std::vector<DateFormat>& dates) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> texts, yaml_.Texts(node, "a date format"));
    dates.clear();
    for (const std::string& text : texts) {
      absl::StatusOr<DateFormat> date = DateFormat::Create(text);
      if (!date.ok()) return yaml_.At(node.Mark(), date.status().message());
      dates.push_back(*std::move(date));
    }
    return absl::OkStatus();
  }

  absl::Status ReadColumns(const YAML::Node& columns) {
    if (!columns.IsMap()) return yaml_.At(columns.Mark(), "columns: a map of names to what they hold is expected");
    for (const auto& entry : columns) {
      KEYFOLD_ASSIGN_OR_RETURN(const std::string name, yaml_.Text(entry.first, "a column"));
      MappingNames::Declared declared;
      declared.from = name;
      declared.line = entry.first.Mark().line + 1;
      KEYFOLD_RETURN_IF_ERROR(ReadColumn(entry.second, declared));
      if (!names_.Declare(name, std::move(declared))) return yaml_.At(entry.first.Mark(), absl::StrCat(name, " twice"));
    }
    return absl::OkStatus();
  }

  absl::Status ReadColumn(const YAML::Node& node, MappingNames::Declared& declared) {
    auto format = std::make_shared<ColumnFormat>(defaults_);
    std::string type = "text";
    if (node.IsScalar()) {
      type = node.Scalar();
    } else {
      KEYFOLD_RETURN_IF_ERROR(
          yaml_.CheckKeys(node, "setting", {"type", "from", "date", "time", "zone", "numbers", "empty", "optional"}));
      if (node["date"] || node["time"]) type = "time";
      if (node["numbers"]) type = "decimal";
      KEYFOLD_RETURN_IF_ERROR(yaml_.TakeText(node, "type", type));
      KEYFOLD_RETURN_IF_ERROR(yaml_.TakeText(node, "from", declared.from));
      declared.optional = node["optional"] && node["optional"].as<bool>();
      KEYFOLD_RETURN_IF_ERROR(ReadFormat(node, *format));
    }
    const std::vector<std::string_view> known = {"text", "integer", "decimal", "date", "time"};
    if (std::find(known.begin(), known.end(), type) == known.end()) {
      return yaml_.At(node.Mark(), absl::StrCat("'", type, "' is none of ", Listed(known), DidYouMean(type, known)));
    }
    format->integer = type == "integer";
    format->type = type == "text"                     ? ValueType::kText
                   : type == "date" || type == "time" ? ValueType::kTime
                                                      : ValueType::kNumber;
    declared.format = std::move(format);
    return absl::OkStatus();
  }

  absl::Status ReadTables(const YAML::Node& tables) {
    if (!tables.IsMap()) return yaml_.At(tables.Mark(), "tables: a map of names to tables is expected");
    for (const auto& table : tables) {
      KEYFOLD_ASSIGN_OR_RETURN(const std::string name, yaml_.Text(table.first, "a table"));
      if (!table.second.IsMap()) return yaml_.At(table.second.Mark(), "a table is a map of values to values");
      ValueTable values;
      for (const auto& entry : table.second) {
        KEYFOLD_ASSIGN_OR_RETURN(const std::string from, yaml_.Text(entry.first, "a value"));
        KEYFOLD_ASSIGN_OR_RETURN(const std::string to, yaml_.Text(entry.second, "a value"));
        const bool is_new = from == "else" ? !values.otherwise.has_value() : values.values.emplace(from, to).second;
        if (!is_new) return yaml_.At(entry.first.Mark(), absl::StrCat("'", from, "' twice"));
        if (from != "else") continue;
        values.keeps_others = to == "as it is";
        values.otherwise = to;
      }
      if (!names_.AddValues(name, std::move(values))) return yaml_.At(table.first.Mark(), absl::StrCat(name, " twice"));
    }
    return absl::OkStatus();
  }

  absl::Status ReadLookups(const YAML::Node& lookups) {
    if (!lookups.IsMap()) return yaml_.At(lookups.Mark(), "lookups: a map of names to files or topics is expected");
    for (const auto& entry : lookups) {
      LookupSource lookup;
      const YAML::Node& node = entry.second;
      KEYFOLD_ASSIGN_OR_RETURN(lookup.name, yaml_.Text(entry.first, "a lookup"));
      KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(
          node, "setting of a lookup", {"file", "topic", "key", "delimiter", "encoding", "header", "skip_lines"}));
      KEYFOLD_RETURN_IF_ERROR(ParseCsvSettings(node, yaml_, mapping_.lookup_formats_.emplace_back()));
      if (node["file"] && node["topic"]) return yaml_.At(node.Mark(), "of file and topic there can only be one");
      KEYFOLD_RETURN_IF_ERROR(yaml_.TakeText(node, "file", lookup.file));
      KEYFOLD_RETURN_IF_ERROR(yaml_.TakeText(node, "topic", lookup.topic));
      if (node["topic"] && !IsName(lookup.topic, "._-", kTopicBytesMax)) {
        return yaml_.At(node["topic"].Mark(), absl::StrCat("topic: '", lookup.topic, "' is no name of a topic"));
      }
      if (!node["key"] && !node["topic"]) {
        return yaml_.At(node.Mark(), "key: missing, the column that rows are found by");
      }
      KEYFOLD_RETURN_IF_ERROR(yaml_.TakeText(node, "key", lookup.key));
      if (node["key"] && lookup.key.empty()) {
        return yaml_.At(node["key"].Mark(), "key: empty; of a topic it may be left out: then a record's key is it");
      }
      lookup.line = entry.first.Mark().line + 1;
      const std::string name = lookup.name;
      if (!names_.AddLookup(std::move(lookup))) return yaml_.At(entry.first.Mark(), absl::StrCat(name, " twice"));
    }
    return absl::OkStatus();
  }

  // What brings rows together, and what is earlier among them.
  absl::Status ReadKeys(const YAML::Node& root) {
    constexpr auto kRow = ExpressionScope::kRow;
    if (root["account"]) {
      KEYFOLD_ASSIGN_OR_RETURN(mapping_.account_, yaml_.Formula(root["account"], kRow, ValueType::kText));
    }
    const YAML::Node snapshots = root["snapshots"];
    if (snapshots && (root["key"] || root["group"])) {
      return yaml_.At(snapshots.Mark(), "snapshots have their own key: there is neither key nor group beside them");
    }
    if (snapshots && snapshots.IsMap()) KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(snapshots, "setting", {"key"}));
    if (snapshots && !root["order"]) {
      return yaml_.At(snapshots.Mark(), "snapshots need `order:`, the column that says what was earlier");
    }
    const YAML::Node key = root["group"] ? root["group"]
                           : !snapshots  ? root["key"]
                                         : (snapshots.IsMap() ? snapshots["key"] : snapshots);
    mapping_.grouped_ = root["group"].IsDefined();
    mapping_.snapshots_ = root["snapshots"].IsDefined();
    KEYFOLD_RETURN_IF_ERROR(ReadKey(key, mapping_.key_));
    if (mapping_.grouped_) KEYFOLD_RETURN_IF_ERROR(ReadKey(root["key"], mapping_.line_key_));
    if (root["order"]) {
      KEYFOLD_ASSIGN_OR_RETURN(mapping_.order_, yaml_.Formulas(root["order"], kRow));
    }
    names_.set_has_order(root["order"].IsDefined());
    if (!root["rounding"]) return absl::OkStatus();
    KEYFOLD_ASSIGN_OR_RETURN(const std::string rounding, yaml_.Text(root["rounding"], "rounding"));
    if (rounding != "line" && rounding != "document" && rounding != "account") {
      return yaml_.At(root["rounding"].Mark(), "rounding: line, document or account");
    }
    mapping_.rounding_ = rounding == "line"       ? Rounding::kLine
                         : rounding == "document" ? Rounding::kDocument
                                                  : Rounding::kAccount;
    return absl::OkStatus();
  }

  // Of one part or several; none where there is no node.
  absl::Status ReadKey(const YAML::Node& node, std::vector<Expression>& key) {
    if (!node) return absl::OkStatus();
    KEYFOLD_ASSIGN_OR_RETURN(std::vector<Expression> parts, yaml_.Formulas(node, ExpressionScope::kRow));
    for (Expression& part : parts) {
      absl::StatusOr<Expression> text = std::move(part).As(ValueType::kText, names_.DefaultFormat());
      if (!text.ok()) return yaml_.At(node.Mark(), text.status().message());
      key.push_back(*std::move(text));
    }
    return absl::OkStatus();
  }

  // {reason: condition}
  absl::Status ReadConditions(const YAML::Node& node, std::vector<Mapping::Condition>& conditions) {
    if (!node) return absl::OkStatus();
    if (!node.IsMap()) return yaml_.At(node.Mark(), "a map of reasons to conditions is expected");
    for (const auto& entry : node) {
      KEYFOLD_ASSIGN_OR_RETURN(std::string reason, yaml_.Text(entry.first, "a reason"));
      KEYFOLD_ASSIGN_OR_RETURN(Expression holds, yaml_.Formula(entry.second, ExpressionScope::kRow, ValueType::kTruth));
      conditions.push_back({std::move(reason), std::move(holds)});
    }
    return absl::OkStatus();
  }

  absl::Status ReadRules(const YAML::Node& list, ExpressionScope scope, std::vector<Mapping::Rule>& rules) {
    if (!list) return absl::OkStatus();
    if (!list.IsSequence()) return yaml_.At(list.Mark(), "a list of events is expected");
    std::vector<std::string_view> known = EventTypes();
    known.emplace_back("when");
    for (const YAML::Node& node : list) {
      KEYFOLD_RETURN_IF_ERROR(yaml_.CheckKeys(node, "event", known));
      Mapping::Rule rule;
      for (const auto& entry : node) {
        const std::string& name = entry.first.Scalar();
        if (name == "when") {
          KEYFOLD_ASSIGN_OR_RETURN(rule.when, yaml_.Formula(entry.second, scope, ValueType::kTruth));
          continue;
        }
        KEYFOLD_ASSIGN_OR_RETURN(EventTemplate event, ParseEvent(name, entry.second, scope, yaml_));
        needs_account_ |= !event.of_no_account() && !event.account.has_value();
        rule.events.push_back(std::move(event));
      }
      if (rule.events.empty()) return yaml_.At(node.Mark(), "an event is expected beside `when:`");
      rules.push_back(std::move(rule));
    }
    return absl::OkStatus();
  }

  absl::Status CheckWhole(const YAML::Node& root) const {
    if (mapping_.once_.empty() && mapping_.rows_.empty()) return yaml_.At(root.Mark(), "no events: rows or once");
    if (!mapping_.rows_.empty() && mapping_.key_.empty()) {
      return yaml_.At(root["rows"].Mark(),
                      "key: missing; which columns name a row? (group, if several rows make an event; snapshots, if a "
                      "row is seen again and again)");
    }
    if (mapping_.rows_.empty() && !mapping_.key_.empty())
      return yaml_.At(root.Mark(), "a key, but no events under rows");
    if (!mapping_.account_.has_value() && (needs_account_ || !mapping_.once_.empty())) {
      return yaml_.At(root.Mark(), "account: missing; which column names the account?");
    }
    return absl::OkStatus();
  }

  Mapping mapping_;
  MappingNames names_;
  MappingYaml yaml_;
  ColumnFormat defaults_;
  bool needs_account_ = false;
};

absl::StatusOr<Mapping> Mapping::Parse(const std::string& yaml, std::string_view file_name) {
  return MappingBuilder(file_name).Build(yaml);
}

}  // namespace keyfold
