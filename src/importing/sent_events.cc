#include "importing/sent_events.h"

#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "account/entity.h"
#include "base/combine.h"
#include "base/status_macros.h"
#include "base/varint.h"
#include "store/rocks_store.h"

namespace keyfold {
namespace {

// Keys: "m/target", "m/batch", "m/delivered", "m/end"; "h" <key of a record> -> its snapshots, as KeyedRows stores
// them; "u" <'o' or 'r'> <key of the unit> -> its events:
//
// unit  := varint(version) varint(batch) { event }
// event := text(event_id) text(account_id) text(entity_id) varint(field number of the payload)
//          varint(revision * 2 + retracted) varint(hash of the content) varint(occurred_at, seconds)
// text  := varint(size) bytes
constexpr uint64_t kVersion = 1;
constexpr char kTargetKey[] = "m/target";
constexpr char kBatchKey[] = "m/batch";
constexpr char kDeliveredKey[] = "m/delivered";
constexpr char kEndKey[] = "m/end";

struct SentEvent {
  std::string event_id;
  std::string account_id;
  std::string entity_id;
  uint64_t payload = 0;
  uint64_t revision = 0;
  bool retracted = false;
  uint64_t hash = 0;
  uint64_t seconds = 0;

  bool SameFact(const SentEvent& other) const {
    return event_id == other.event_id && account_id == other.account_id && entity_id == other.entity_id;
  }
};

struct SentUnit {
  uint64_t batch = 0;
  std::vector<SentEvent> events;
};

void AppendText(std::string& out, std::string_view text) {
  AppendVarint(out, text.size());
  out.append(text);
}

std::string Encode(const SentUnit& unit) {
  std::string out;
  AppendVarint(out, kVersion);
  AppendVarint(out, unit.batch);
  for (const SentEvent& event : unit.events) {
    AppendText(out, event.event_id);
    AppendText(out, event.account_id);
    AppendText(out, event.entity_id);
    AppendVarint(out, event.payload);
    AppendVarint(out, event.revision * 2 + (event.retracted ? 1 : 0));
    AppendVarint(out, event.hash);
    AppendVarint(out, event.seconds);
  }
  return out;
}

// nullopt: damaged, or of a later version.
std::optional<SentUnit> Decode(std::string_view bytes) {
  SentUnit unit;
  if (TakeVarint(bytes) != kVersion) return std::nullopt;
  const std::optional<uint64_t> batch = TakeVarint(bytes);
  if (!batch.has_value()) return std::nullopt;
  unit.batch = *batch;
  while (!bytes.empty()) {
    SentEvent event;
    for (std::string* const text : {&event.event_id, &event.account_id, &event.entity_id}) {
      const std::optional<std::string_view> taken = TakeDelimited(bytes);
      if (!taken.has_value()) return std::nullopt;
      *text = *taken;
    }
    uint64_t revision = 0;
    for (uint64_t* const number : {&event.payload, &revision, &event.hash, &event.seconds}) {
      const std::optional<uint64_t> taken = TakeVarint(bytes);
      if (!taken.has_value()) return std::nullopt;
      *number = *taken;
    }
    event.revision = revision / 2;
    event.retracted = revision % 2 == 1;
    unit.events.push_back(std::move(event));
  }
  return unit;
}

// The field of a payload that names its entity; nullptr: it is the account.
const google::protobuf::FieldDescriptor* EntityField(uint64_t payload) {
  const auto* const field = v1::AccountEvent::descriptor()->FindFieldByNumber(static_cast<int>(payload));
  if (field == nullptr || field->message_type()->field_count() == 0) return nullptr;
  const auto* const first = field->message_type()->field(0);
  const std::string& name = first->name();
  if (name == "manager_id" || name == "plan_id") return nullptr;
  return name.ends_with("_id") || name == "period" ? first : nullptr;
}

SentEvent FactOf(const v1::AccountEvent& event) {
  SentEvent fact;
  fact.event_id = event.event_id();
  fact.account_id = event.account_id();
  fact.payload = static_cast<uint64_t>(event.payload_case());
  fact.entity_id = PrimaryEntity(event).id;
  const std::string content = event.SerializeAsString();
  fact.hash = XXH3_64bits(content.data(), content.size());
  fact.seconds = static_cast<uint64_t>(event.occurred_at().seconds());
  return fact;
}

// The withdrawal of a fact: it names the entity, and nothing else.
v1::AccountEvent RetractionOf(const SentEvent& fact, const std::string& source) {
  v1::AccountEvent event;
  event.set_event_id(fact.event_id);
  event.set_account_id(fact.account_id);
  event.mutable_occurred_at()->set_seconds(static_cast<int64_t>(fact.seconds));
  event.set_source(source);
  event.set_revision(static_cast<uint32_t>(fact.revision));
  event.set_retracted(true);
  const auto* const payload = v1::AccountEvent::descriptor()->FindFieldByNumber(static_cast<int>(fact.payload));
  google::protobuf::Message& message = *event.GetReflection()->MutableMessage(&event, payload);
  if (event.has_fx_rate_set()) {
    const std::pair<std::string, std::string> currency_and_month = absl::StrSplit(fact.entity_id, ' ');
    event.mutable_fx_rate_set()->set_currency_code(currency_and_month.first);
    event.mutable_fx_rate_set()->set_month(currency_and_month.second);
  } else if (const auto* const entity = EntityField(fact.payload)) {
    message.GetReflection()->SetString(&message, entity, fact.entity_id);
  }
  return event;
}

absl::StatusOr<uint64_t> ReadNumber(const ShardStore& store, const char* key) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, store.Get(key));
  if (!stored.has_value()) return 0;
  std::string_view bytes = *stored;
  const std::optional<uint64_t> number = TakeVarint(bytes);
  if (!number.has_value()) return absl::DataLossError(absl::StrCat("what the import keeps is damaged at ", key));
  return *number;
}

std::string Number(uint64_t number) {
  std::string bytes;
  AppendVarint(bytes, number);
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SentEvents>> SentEvents::Open(const std::string& directory, const std::string& target,
                                                             const std::string& source) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnknownError(absl::StrCat("cannot make ", directory, ": ", error.message()));
  constexpr RocksMemory kMemory{size_t{32} << 20, size_t{32} << 20};
  RocksEnvironment environment(kMemory);
  KEYFOLD_ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store, OpenRocksStore(environment, directory, NoMerge));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> known, store->Get(kTargetKey));
  if (known.has_value() && *known != target) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " keeps what was sent to ", *known, ", not to ",
                                                      target, ": give this one a directory of its own with --sent"));
  }
  if (!known.has_value()) {
    StoreBatch first;
    first.Put(kTargetKey, target);
    KEYFOLD_RETURN_IF_ERROR(store->Write(std::move(first)));
  }
  std::unique_ptr<SentEvents> sent(new SentEvents(std::move(store), source, directory));
  KEYFOLD_ASSIGN_OR_RETURN(const uint64_t batch, ReadNumber(*sent->store_, kBatchKey));
  KEYFOLD_ASSIGN_OR_RETURN(sent->delivered_, ReadNumber(*sent->store_, kDeliveredKey));
  sent->batch_ = batch + 1;
  return sent;
}

absl::StatusOr<std::vector<v1::AccountEvent>> SentEvents::Plan(Unit unit, std::string_view key,
                                                               std::vector<v1::AccountEvent> events, bool complete) {
  const std::string store_key = absl::StrCat("u", std::string(1, static_cast<char>(unit)), std::string(key));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_->Get(store_key));
  SentUnit known;
  if (stored.has_value()) {
    std::optional<SentUnit> decoded = Decode(*stored);
    if (!decoded.has_value())
      return absl::DataLossError(absl::StrCat("what the import keeps is damaged at ", store_key));
    known = *std::move(decoded);
  }
  const bool certain = known.batch <= delivered_;
  std::vector<v1::AccountEvent> to_send;
  std::vector<bool> there(known.events.size(), false);
  bool changed = false;
  for (v1::AccountEvent& event : events) {
    if (event.retracted()) continue;
    const uint64_t revision_min = event.revision();
    event.clear_revision();
    SentEvent fact = FactOf(event);
    const auto before = std::find_if(known.events.begin(), known.events.end(),
                                     [&](const SentEvent& other) { return other.SameFact(fact); });
    if (before == known.events.end()) {
      ++counts_.is_new;
      fact.revision = revision_min;
      event.set_revision(static_cast<uint32_t>(fact.revision));
      known.events.push_back(std::move(fact));
      there.push_back(true);
      to_send.push_back(std::move(event));
      changed = true;
      continue;
    }
    there[static_cast<size_t>(before - known.events.begin())] = true;
    const bool stays = unit == Unit::kOnce && !before->retracted && fact.seconds >= before->seconds;
    if ((before->hash == fact.hash && !before->retracted) || stays) {
      ++counts_.unchanged;
      if (certain || before->hash != fact.hash) continue;
    } else {
      ++counts_.corrected;
      changed = true;
      fact.revision = std::max(before->revision + 1, revision_min);
      *before = fact;
    }
    event.set_revision(static_cast<uint32_t>(before->revision));
    to_send.push_back(std::move(event));
  }
  for (size_t i = 0; i < known.events.size(); ++i) {
    SentEvent& before = known.events[i];
    if (there[i] || unit == Unit::kOnce || (before.retracted && certain)) continue;
    if (!before.retracted) {
      if (!complete) continue;
      ++counts_.retracted;
      before.retracted = true;
      ++before.revision;
      changed = true;
    }
    to_send.push_back(RetractionOf(before, source_));
  }
  if (changed || !to_send.empty()) {
    known.batch = batch_;
    planned_.Put(store_key, Encode(known));
  }
  return to_send;
}

absl::Status SentEvents::AddHistory(std::string_view key, const std::vector<std::string>& columns, KeyedRows& rows) {
  const std::string store_key = absl::StrCat("h", std::string(key));
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_->Get(store_key));
  if (stored.has_value() && !rows.AddStored(*stored, columns)) {
    return absl::DataLossError(absl::StrCat("what the import keeps is damaged at ", store_key));
  }
  std::string now = rows.ToStored(columns);
  if (stored != now) planned_.Put(store_key, std::move(now));
  return absl::OkStatus();
}

absl::Status SentEvents::Store() {
  planned_.Put(kBatchKey, Number(batch_));
  return store_->Write(std::exchange(planned_, StoreBatch()));
}

absl::Status SentEvents::Delivered() {
  StoreBatch marker;
  marker.Put(kDeliveredKey, Number(batch_));
  KEYFOLD_RETURN_IF_ERROR(store_->Write(std::move(marker)));
  delivered_ = batch_++;
  return absl::OkStatus();
}

absl::Status SentEvents::CheckEnd(int64_t end) const {
  KEYFOLD_ASSIGN_OR_RETURN(const uint64_t known, ReadNumber(*store_, kEndKey));
  if (static_cast<uint64_t>(end) >= known) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the topic ends at ", end, ", where it had ended at ", known, ": it was made anew, and what ",
                   directory_, " says was sent is not there. Remove that directory, and all of it is sent again"));
}

absl::Status SentEvents::NoteEnd(int64_t end) {
  StoreBatch batch;
  batch.Put(kEndKey, Number(static_cast<uint64_t>(end)));
  return store_->Write(std::move(batch));
}

}  // namespace keyfold
