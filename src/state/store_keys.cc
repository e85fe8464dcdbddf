#include "state/store_keys.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "base/varint.h"
#include "base/wrapping.h"
#include "state/entity_page.h"

namespace keyfold {
namespace {

using ::google::protobuf::internal::WireFormatLite;

constexpr char kMetaTag = 'm';
constexpr char kAccountTag = 'a';
constexpr char kEntityTag = 'e';
constexpr char kPageTag = 'f';
constexpr char kBucketTag = 'x';
constexpr char kLedgerTag = 'l';
constexpr char kGroupTag = 'g';
constexpr char kMemberTag = 'i';
constexpr char kPartialTag = 'p';

constexpr int kDayBits = 9;
constexpr int kCurrencyBits = 16;
constexpr int kBinBits = 12;
static_assert(1 << kDayBits == kLedgerBlockDays);

std::string Prefix(char tag, std::string_view name) {
  std::string key;
  key.reserve(2 + name.size() + 24);
  key.push_back(tag);
  key.push_back(static_cast<char>(name.size()));
  key.append(name);
  return key;
}

std::string Numbered(char tag, std::string_view name, uint32_t number) {
  std::string key = Prefix(tag, name);
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
  return key;
}

// Of a key that Numbered() has made.
uint32_t NumberAtEnd(std::string_view key) {
  uint32_t number = 0;
  for (char byte : key.substr(key.size() - 4)) number = (number << 8) | static_cast<uint8_t>(byte);
  return number;
}

uint64_t PositionOf(const LedgerCell& cell) {
  const auto day = static_cast<uint64_t>((cell.day + kLedgerDayBias) % kLedgerBlockDays);
  uint64_t position = static_cast<uint64_t>(cell.measure);
  position = (position << kBinBits) | static_cast<uint64_t>(cell.bin);
  position = (position << kCurrencyBits) | cell.currency.packed();
  return (position << kDayBits) | day;
}

// nullopt: a measure or currency that this version does not know.
std::optional<LedgerCell> CellAt(int block, uint64_t position) {
  LedgerCell cell;
  cell.day = block * kLedgerBlockDays - kLedgerDayBias + static_cast<Day>(position & ((1U << kDayBits) - 1));
  position >>= kDayBits;
  const auto currency = Currency::FromStored(static_cast<uint16_t>(position & ((1U << kCurrencyBits) - 1)));
  position >>= kCurrencyBits;
  cell.bin = static_cast<int16_t>(position & ((1U << kBinBits) - 1));
  const std::optional<Measure> measure = MeasureOf(position >> kBinBits);
  if (!currency.has_value() || !measure.has_value()) return std::nullopt;
  cell.currency = *currency;
  cell.measure = *measure;
  return cell;
}

class BlockWriter {
 public:
  void Add(uint64_t position, int64_t amount) {
    if (amount == 0) return;
    AppendVarint(bytes_, position - last_);
    AppendVarint(bytes_, WireFormatLite::ZigZagEncode64(amount));
    last_ = position;
  }
  std::string Take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
  uint64_t last_ = 0;
};

class BlockReader {
 public:
  explicit BlockReader(std::string_view bytes) : rest_(bytes) { Next(); }

  bool done() const { return done_; }
  bool damaged() const { return damaged_; }
  uint64_t position() const { return position_; }
  int64_t amount() const { return amount_; }

  void Next() {
    if (rest_.empty()) {
      done_ = true;
      return;
    }
    const std::optional<uint64_t> step = TakeVarint(rest_);
    const std::optional<uint64_t> amount = TakeVarint(rest_);
    if (!step.has_value() || !amount.has_value()) {
      damaged_ = done_ = true;
      return;
    }
    position_ += *step;
    amount_ = WireFormatLite::ZigZagDecode64(*amount);
  }

 private:
  std::string_view rest_;
  uint64_t position_ = 0;
  int64_t amount_ = 0;
  bool done_ = false;
  bool damaged_ = false;
};

}  // namespace

std::string MetaKey() { return std::string(1, kMetaTag); }
std::string AccountKey(std::string_view account_id) { return Prefix(kAccountTag, account_id); }

std::string EntityKey(std::string_view account_id, const EntityRef& entity) {
  std::string key = EntitiesPrefix(account_id, entity.kind);
  key.append(entity.id);
  return key;
}

std::string EntityPageKey(std::string_view account_id, uint32_t page) { return Numbered(kPageTag, account_id, page); }
std::string EntityBucketKey(std::string_view account_id, uint32_t bucket) {
  return Numbered(kBucketTag, account_id, bucket);
}

std::string LedgerBlockKey(std::string_view account_id, int block) {
  std::string key = Prefix(kLedgerTag, account_id);
  key.push_back(static_cast<char>(block >> 8));
  key.push_back(static_cast<char>(block & 0xff));
  return key;
}

std::string GroupKey(std::string_view group_id) { return Prefix(kGroupTag, group_id); }

std::string MemberKey(std::string_view group_id, std::string_view account_id) {
  std::string key = MembersPrefix(group_id);
  key.append(account_id);
  return key;
}

std::string PartialKey(std::string_view group_id, int32_t partition) {
  return Numbered(kPartialTag, group_id, static_cast<uint32_t>(partition));
}

std::string AllAccountsPrefix() { return std::string(1, kAccountTag); }
std::string AllEntitiesPrefix() { return std::string(1, kEntityTag); }
std::string AllEntityPagesPrefix() { return std::string(1, kPageTag); }
std::string AllPartialsPrefix() { return std::string(1, kPartialTag); }
std::string EntitiesPrefix(std::string_view account_id) { return Prefix(kEntityTag, account_id); }

std::string EntitiesPrefix(std::string_view account_id, EntityKind kind) {
  std::string key = Prefix(kEntityTag, account_id);
  key.push_back(static_cast<char>(kind));
  return key;
}

std::string EntityPagesPrefix(std::string_view account_id) { return Prefix(kPageTag, account_id); }
std::string EntityBucketsPrefix(std::string_view account_id) { return Prefix(kBucketTag, account_id); }
std::string LedgerPrefix(std::string_view account_id) { return Prefix(kLedgerTag, account_id); }
std::string AllGroupsPrefix() { return std::string(1, kGroupTag); }
std::string MembersPrefix(std::string_view group_id) { return Prefix(kMemberTag, group_id); }

std::string_view AccountIdOf(std::string_view account_key) { return account_key.substr(2); }
std::string_view GroupIdOf(std::string_view group_key) { return group_key.substr(2); }

std::string_view NameIn(std::string_view key) { return key.substr(1, 1 + size_t{static_cast<uint8_t>(key[1])}); }

bool NameLess(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

EntityRef EntityOf(std::string_view entity_key) {
  const std::string_view kind_and_id = entity_key.substr(1 + NameIn(entity_key).size());
  return {static_cast<EntityKind>(kind_and_id[0]), std::string(kind_and_id.substr(1))};
}

uint32_t PageOf(std::string_view entity_page_key) { return NumberAtEnd(entity_page_key); }
int32_t PartitionOf(std::string_view partial_key) { return static_cast<int32_t>(NumberAtEnd(partial_key)); }

std::vector<std::string> DerivedPrefixes() {
  std::vector<std::string> prefixes;
  for (char tag : {kBucketTag, kLedgerTag, kGroupTag, kMemberTag}) prefixes.emplace_back(1, tag);
  return prefixes;
}

std::vector<std::pair<int, std::string>> PackLedger(std::span<const Contribution> contributions) {
  std::vector<std::pair<int, BlockWriter>> blocks;  // an event touches one or two
  for (const Contribution& contribution : contributions) {
    const int block = (contribution.cell.day + kLedgerDayBias) / kLedgerBlockDays;
    auto at = blocks.begin();
    while (at != blocks.end() && at->first < block) ++at;
    if (at == blocks.end() || at->first != block) at = blocks.insert(at, {block, BlockWriter()});
    at->second.Add(PositionOf(contribution.cell), contribution.amount);
  }
  std::vector<std::pair<int, std::string>> packed;
  packed.reserve(blocks.size());
  for (auto& [block, writer] : blocks) packed.emplace_back(block, std::move(writer).Take());
  return packed;
}

bool UnpackLedgerBlock(int block, std::string_view cells, std::vector<Contribution>& contributions) {
  BlockReader reader(cells);
  for (; !reader.done(); reader.Next()) {
    const std::optional<LedgerCell> cell = CellAt(block, reader.position());
    if (!cell.has_value()) return false;
    contributions.push_back({*cell, reader.amount()});
  }
  return !reader.damaged();
}

int BlockOf(std::string_view ledger_block_key) {
  const std::string_view number = ledger_block_key.substr(ledger_block_key.size() - 2);
  return (static_cast<uint8_t>(number[0]) << 8) | static_cast<uint8_t>(number[1]);
}

std::optional<std::string> MergeStored(std::string_view key, std::string_view left, std::string_view right) {
  switch (key.front()) {
    case kLedgerTag:
      return MergeLedgerBlocks(left, right);
    case kPageTag:
      return MergePages(left, right);
    case kBucketTag:
      return std::string(left).append(right);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> MergeLedgerBlocks(std::string_view left, std::string_view right) {
  BlockReader a(left);
  BlockReader b(right);
  BlockWriter sum;
  while (!a.done() || !b.done()) {
    const bool take_a = !a.done() && (b.done() || a.position() <= b.position());
    const bool take_b = !b.done() && (a.done() || b.position() <= a.position());
    const uint64_t position = take_a ? a.position() : b.position();
    sum.Add(position, WrappingAdd(take_a ? a.amount() : 0, take_b ? b.amount() : 0));
    if (take_a) a.Next();
    if (take_b) b.Next();
  }
  if (a.damaged() || b.damaged()) return std::nullopt;
  return std::move(sum).Take();
}

std::vector<Contribution> AddContributions(std::span<const Contribution> a, std::span<const Contribution> b) {
  std::vector<Contribution> sum;
  sum.reserve(a.size() + b.size());
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].cell < b[j].cell)) {
      sum.push_back(a[i++]);
    } else if (i == a.size() || b[j].cell < a[i].cell) {
      sum.push_back(b[j++]);
    } else {
      const int64_t amount = WrappingAdd(a[i].amount, b[j].amount);
      if (amount != 0) sum.push_back({a[i].cell, amount});
      ++i;
      ++j;
    }
  }
  return sum;
}

}  // namespace keyfold
