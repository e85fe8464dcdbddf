#include "live/published_update.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/varint.h"

namespace keyfold {
namespace {

constexpr char kConfluentMagic = 0;
constexpr size_t kConfluentSchemaBytes = 4;

// Takes magic, schema id and message indexes off. Their values say nothing: the topic holds one kind of message.
bool SkipConfluentHead(std::string_view& value) {
  if (value.size() < 1 + kConfluentSchemaBytes) return false;
  value.remove_prefix(1 + kConfluentSchemaBytes);
  const std::optional<uint64_t> zigzag_count = TakeVarint(value);
  if (!zigzag_count.has_value()) return false;
  for (uint64_t i = 0; i < *zigzag_count / 2; ++i) {
    if (!TakeVarint(value).has_value()) return false;
  }
  return true;
}

// Writes an object's members: each with its name, and a comma before all but the first.
class MemberWriter {
 public:
  explicit MemberWriter(std::string& out) : out_(out) { out_ += '{'; }

  void Name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    AppendJsonString(name, out_);
    out_ += ':';
  }

  void Text(std::string_view name, std::string_view text) {
    Name(name);
    AppendJsonString(text, out_);
  }

  void Flag(std::string_view name, bool value) {
    Name(name);
    out_ += value ? "true" : "false";
  }

  // As proto3 JSON has them: a double does not hold all of them.
  void Integer64(std::string_view name, int64_t value) {
    Name(name);
    absl::StrAppend(&out_, "\"", value, "\"");
  }

  void Integer32(std::string_view name, int32_t value) {
    Name(name);
    absl::StrAppend(&out_, value);
  }

  // The shortest digits that are read as the same value.
  void Number(std::string_view name, double value) {
    Name(name);
    char digits[32];
    const std::to_chars_result end = std::to_chars(std::begin(digits), std::end(digits), value);
    out_.append(digits, end.ptr);
  }

  void Close() { out_ += '}'; }

 private:
  std::string& out_;
};

bool IsWanted(const KpiSelection& selection, std::string_view kpi) {
  return selection.empty() || selection.find(kpi) != selection.end();
}

void AppendKpis(const v1::KpiUpdate& update, const KpiSelection& selection, std::string& out) {
  std::vector<std::pair<std::string_view, double>> kpis;
  kpis.reserve(static_cast<size_t>(update.kpis_size()));
  for (const auto& [id, value] : update.kpis()) {
    if (std::isfinite(value) && IsWanted(selection, id)) kpis.emplace_back(id, value);
  }
  std::sort(kpis.begin(), kpis.end());
  MemberWriter members(out);
  for (const auto& [id, value] : kpis) members.Number(id, value);
  members.Close();
}

void AppendChanged(const v1::KpiUpdate& update, const KpiSelection& selection, std::string& out) {
  out += '[';
  for (const v1::KpiChange& change : update.changed()) {
    if (!IsWanted(selection, change.id())) continue;
    if (out.back() != '[') out += ',';
    MemberWriter members(out);
    members.Text("id", change.id());
    if (change.has_from() && std::isfinite(change.from())) members.Number("from", change.from());
    members.Close();
  }
  out += ']';
}

void AppendStrings(const google::protobuf::RepeatedPtrField<std::string>& texts, std::string& out) {
  out += '[';
  for (const std::string& text : texts) {
    if (out.back() != '[') out += ',';
    AppendJsonString(text, out);
  }
  out += ']';
}

std::string TimestampText(const google::protobuf::Timestamp& timestamp) {
  std::string text =
      absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(timestamp.seconds()), absl::UTCTimeZone());
  if (timestamp.nanos() % 1'000'000 != 0) {
    absl::StrAppendFormat(&text, ".%09d", timestamp.nanos());
  } else if (timestamp.nanos() != 0) {
    absl::StrAppendFormat(&text, ".%03d", timestamp.nanos() / 1'000'000);
  }
  return text + "Z";
}

void AppendAttributes(const v1::AccountAttributes& attributes, std::string& out) {
  MemberWriter members(out);
  members.Text("name", attributes.name());
  members.Text("segment", attributes.segment());
  members.Text("region", attributes.region());
  members.Text("industry", attributes.industry());
  members.Text("manager_id", attributes.manager_id());
  members.Text("parent_id", attributes.parent_id());
  members.Text("tier", attributes.tier());
  members.Flag("customer", attributes.customer());
  members.Flag("key_account", attributes.key_account());
  members.Close();
}

// A field of a serialised message: what is in it, for one of bytes or a double.
struct WireField {
  uint64_t number = 0;
  std::string_view bytes;
};

std::optional<std::string_view> TakeBytes(std::string_view& message, size_t count) {
  if (message.size() < count) return std::nullopt;
  const std::string_view bytes = message.substr(0, count);
  message.remove_prefix(count);
  return bytes;
}

// Takes a field off the front of a message; nullopt: at its end, or it is damaged.
std::optional<WireField> TakeField(std::string_view& message) {
  const std::optional<uint64_t> tag = TakeVarint(message);
  if (!tag.has_value()) return std::nullopt;
  std::optional<std::string_view> bytes = std::string_view();
  switch (*tag & 7) {
    case 0:
      if (!TakeVarint(message).has_value()) return std::nullopt;
      break;
    case 1:
      bytes = TakeBytes(message, 8);
      break;
    case 2:
      bytes = TakeDelimited(message);
      break;
    case 5:
      bytes = TakeBytes(message, 4);
      break;
    default:
      return std::nullopt;
  }
  if (!bytes.has_value()) return std::nullopt;
  return WireField{*tag >> 3, *bytes};
}

}  // namespace

double FindKpi(std::string_view update, std::string_view kpi) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  while (const std::optional<WireField> field = TakeField(update)) {
    if (field->number != v1::KpiUpdate::kKpisFieldNumber) continue;
    std::string_view entry = field->bytes;  // of the map: a message of key (1) and value (2)
    std::string_view id;
    double value = 0;
    while (const std::optional<WireField> part = TakeField(entry)) {
      if (part->number == 1) id = part->bytes;
      if (part->number != 2 || part->bytes.size() != sizeof value) continue;
      uint64_t bits = 0;
      for (size_t i = 0; i < sizeof bits; ++i) bits |= uint64_t{static_cast<uint8_t>(part->bytes[i])} << (8 * i);
      value = std::bit_cast<double>(bits);
    }
    if (id == kpi) return std::isfinite(value) ? value : kUndefined;
  }
  return kUndefined;
}

std::optional<v1::KpiUpdate> DecodeUpdate(std::string_view value) {
  v1::KpiUpdate update;
  if (value.starts_with('{')) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;  // of a later version
    if (!google::protobuf::util::JsonStringToMessage(std::string(value), &update, options).ok()) return std::nullopt;
    return update;
  }
  if (value.starts_with(kConfluentMagic) && !SkipConfluentHead(value)) return std::nullopt;
  if (!update.ParseFromArray(value.data(), static_cast<int>(value.size()))) return std::nullopt;
  return update;
}

void AppendUpdateJson(const v1::KpiUpdate& update, const KpiSelection& selection, std::string& out) {
  MemberWriter members(out);
  members.Text("account_id", update.account_id());
  members.Text("as_of", update.as_of());
  members.Name("kpis");
  AppendKpis(update, selection, out);
  members.Name("missing_rates");
  AppendStrings(update.missing_rates(), out);
  members.Name("changed");
  AppendChanged(update, selection, out);
  members.Text("catalog_hash", update.catalog_hash());
  members.Integer32("source_partition", update.source_partition());
  members.Integer64("source_offset", update.source_offset());
  members.Text("correlation_id", update.correlation_id());
  members.Text("group_id", update.group_id());
  members.Integer64("accounts", update.accounts());
  members.Text("cause", v1::KpiUpdate::Cause_Name(update.cause()));
  members.Text("cause_event", update.cause_event());
  if (update.has_recorded_at()) members.Text("recorded_at", TimestampText(update.recorded_at()));
  if (update.has_attributes()) {
    members.Name("attributes");
    AppendAttributes(update.attributes(), out);
  }
  if (update.has_group()) {
    members.Name("group");
    MemberWriter group(out);
    group.Text("kind", v1::GroupAttributes::Kind_Name(update.group().kind()));
    group.Text("label", update.group().label());
    group.Close();
  }
  members.Close();
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  for (const char character : text) {
    if (character == '"' || character == '\\') {
      out += '\\';
      out += character;
    } else if (static_cast<unsigned char>(character) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<int>(character));
    } else {
      out += character;
    }
  }
  out += '"';
}

}  // namespace keyfold
