#include "live/published_update.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/undefined.h"
#include "base/varint.h"
#include "live/json_members.h"
#include "live/published_value.h"

namespace keyfold {
namespace {

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

void VisitKpis(std::string_view update, absl::FunctionRef<void(std::string_view kpi, double value)> visit) {
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
    if (std::isfinite(value)) visit(id, value);
  }
}

std::optional<v1::KpiUpdate> DecodeUpdate(std::string_view value) {
  v1::KpiUpdate update;
  return ParsePublished(value, update) ? std::optional(std::move(update)) : std::nullopt;
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
  AppendOrigin(update, members, out);
  members.Close();
}

}  // namespace keyfold
