// Whatever a disk gives back, every reader of stored bytes answers. The first byte is that of a key (src/state/
// store_keys.h) and chooses the reader; what is merged is the same value, cut in two anywhere.
#include <google/protobuf/arena.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "account/entity.h"
#include "event/example_events.h"
#include "fuzz/fuzz_target.h"
#include "state/commit_metadata.h"
#include "state/entity_numbers.h"
#include "state/entity_page.h"
#include "state/store_keys.h"
#include "state/stored_account.h"
#include "state/stored_entity.h"
#include "state/stored_group.h"
#include "support/default_catalog.h"

namespace keyfold {
namespace {

constexpr char kAccount = 'a';
constexpr char kEntity = 'e';
constexpr char kPage = 'f';
constexpr char kBucket = 'x';
constexpr char kLedger = 'l';
constexpr char kGroup = 'g';
constexpr char kCommit = 'c';  // the metadata of an offset commit: in no store, and as foreign

const Catalog& TheCatalog() {
  static const Catalog catalog = DefaultCatalog();
  return catalog;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

void ReadEntity(std::string_view bytes) {
  google::protobuf::Arena arena;
  EventEntries events;
  std::vector<MentionEntry> mentions;
  if (!ParseEntity(bytes, arena, events, mentions)) return;
  LoadedHistory history;
  history.Load(events, mentions);
}

// Merging is associative where it succeeds, and what it makes can be read.
void MergeHalves(char tag, std::string_view bytes) {
  const std::string key(1, tag);
  const size_t half = bytes.size() / 2;
  const std::optional<std::string> merged = MergeStored(key, bytes.substr(0, half), bytes.substr(half));
  if (!merged.has_value()) return;
  const std::optional<std::string> again = MergeStored(key, *merged, "");
  Require(again.has_value());
}

void ReadPage(std::string_view bytes) {
  PageReader reader(bytes);
  while (const std::optional<PagedEntity> entity = reader.Next()) ReadEntity(entity->bytes);
  MergeHalves(kPage, bytes);
}

void ReadLedger(std::string_view bytes) {
  std::vector<Contribution> cells;
  if (UnpackLedgerBlock(40, bytes, cells)) {
    const std::optional<std::string> merged = MergeLedgerBlocks(bytes, "");
    std::vector<Contribution> same;
    Require(merged.has_value() && UnpackLedgerBlock(40, *merged, same));
  }
  MergeHalves(kLedger, bytes);
}

void ReadNumbers(std::string_view bytes) {
  EntityNumbers numbers;
  if (!numbers.Parse(bytes)) return;
  for (const uint32_t hash : {0U, 77U, 0xffffffffU}) {
    if (numbers.IsLoaded(numbers.BucketOf(hash))) numbers.Find(hash);
  }
}

void ReadBucket(std::string_view bytes) {
  EntityNumbers numbers;
  for (uint32_t hash = 0; hash < 200; ++hash) numbers.Add(hash);
  EntityNumbers stored;
  Require(stored.Parse(numbers.Serialize()));
  const uint32_t bucket = stored.BucketOf(3);
  if (stored.Load(bucket, bytes)) stored.Find(3);
}

void ReadAccount(std::string_view bytes) {
  const auto stored = ParseStoredAccount("A1", bytes);
  if (!stored.ok()) return;
  ReadNumbers(stored->entities());
  const auto account = FromStored(TheCatalog(), "A1", *stored);
  if (account.ok()) Require(ParseStoredAccount("A1", SerializeAccount(&*account, stored->entities())).ok());
}

void ReadGroup(const std::string& bytes) {
  const auto group = ParseGroup(TheCatalog(), "portfolio:all", bytes);
  if (group.ok()) Require(ParseGroup(TheCatalog(), "portfolio:all", SerializeGroup(*group)).ok());
}

void AddSeedsOf(const v1::AccountEvent& event, std::vector<std::string>& seeds) {
  const EntityRef entity = PrimaryEntity(event);
  const v1::AccountEvent* const events[] = {&event};
  for (const auto& [block, cells] : PackLedger(Contribute(entity.kind, {events, {}}, TheCatalog().calendar()))) {
    seeds.push_back(kLedger + cells);
  }
  const EventEntry entries[] = {{&event, 1'700'000'000'000, 42, {}}};
  const MentionEntry mentions[] = {{"M", "e2", 1'700'000'000}};
  std::string bytes;
  AppendEntity(entries, mentions, bytes);
  seeds.push_back(kEntity + bytes);
  std::string page;
  AppendToPage(entity, 3, bytes, page);
  AppendToPage(entity, 4, bytes, page);
  seeds.push_back(kPage + page);
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds = {kCommit + FormatCommitMetadata(UnknownCommit())};
  for (const auto& [payload, fields] : testing::ExamplePayloads()) {
    const v1::AccountEvent event = testing::EventMessage(testing::EventJson(payload, fields));
    if (!event.has_clock_advanced()) AddSeedsOf(event, seeds);
  }
  EntityNumbers numbers;
  for (uint32_t hash = 0; hash < 5; ++hash) numbers.Add(hash);
  AccountState account{20'000, 4, 17, ComponentValues(TheCatalog()), {}};
  account.components.histograms.at(0) = {{-1, 2}, {300, 5}};
  account.components.missing_rates = {*Currency::Parse("USD")};
  account.membership = {{"ACME", "ENT", "EMEA", "steel", "M1", "KEY", "G1"}, 20'001};
  seeds.push_back(kAccount + SerializeAccount(&account, numbers.Serialize()));
  KeptGroup group{GroupSums(TheCatalog()), 20'000};
  group.sums.accounts = 2;
  group.sums.amounts.front() = 1'000;
  group.sums.missing_rates[*Currency::Parse("USD")] = 1;
  seeds.push_back(kGroup + SerializeGroup(group));
  seeds.push_back(kBucket + std::string("\3\0\0\0\2\0\0\0", 8));
  return seeds;
}

void TryBytes(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::string value(bytes.substr(1));
  switch (bytes.front()) {
    case kAccount:
      return ReadAccount(value);
    case kEntity:
      return ReadEntity(value);
    case kPage:
      return ReadPage(value);
    case kBucket:
      return ReadBucket(value);
    case kLedger:
      return ReadLedger(value);
    case kGroup:
      return ReadGroup(value);
    case kCommit:
      ParseCommitMetadata(value);
      return;
    default:
      return;
  }
}

}  // namespace keyfold
