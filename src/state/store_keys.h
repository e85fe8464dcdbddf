// The keys of a shard, and the packed form of its ledger.
//
//   shard     := meta | account* | entity* | page* | bucket* | block* | group* | member*      (stage 1)
//              | meta | group* | partial*                                   (stage 2)
//   meta      := "m"                       -> v1.ShardMeta
//   account   := "a" name                  -> v1.StoredAccount
//   entity    := "e" name kind id          -> v1.StoredEntity   of a kind that does not lie in pages
//   page      := "f" name place            -> entity*           entity_page.h
//   bucket    := "x" name place            -> (hash number)*    entity_numbers.h
//   block     := "l" name number           -> cell*
//   group     := "g" name                  -> v1.StoredGroup
//   member    := "i" name id               -> nothing: the account `id` belongs to the group at some date
//   partial   := "p" name partition        -> v1.GroupPartial
//   name      := length(1 byte) bytes      an account's id (empty for rates, which belong to none), or a group's
//   kind      := EntityKind (1 byte)       id := bytes
//   partition := 4 bytes, big-endian       place := 4 bytes, big-endian
//   number    := 2 bytes, big-endian       (day + kLedgerDayBias) / kLedgerBlockDays
//   cell      := varint(position) zigzag-varint(amount)
//                position: measure (8 bits), bin (12), currency (16), day within the block (9), as the difference to
//                the cell before; cells ascend; no amount is zero
//
// A name is its length and its bytes, so no account's keys begin with another's. Everybody is a member of
// portfolio:all: that is not stored.
#ifndef KEYFOLD_STATE_STORE_KEYS_H_
#define KEYFOLD_STATE_STORE_KEYS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "account/contribution.h"
#include "account/entity.h"

namespace keyfold {

inline constexpr uint32_t kFormatVersion = 4;
inline constexpr Day kLedgerBlockDays = 512;
inline constexpr Day kLedgerDayBias =
    512;  // days shortly before 1970-01-01 exist: that of 1970-01-01T00:00Z in New York

std::string MetaKey();
std::string AccountKey(std::string_view account_id);
std::string EntityKey(std::string_view account_id, const EntityRef& entity);
std::string EntityPageKey(std::string_view account_id, uint32_t page);
std::string EntityBucketKey(std::string_view account_id, uint32_t bucket);
std::string LedgerBlockKey(std::string_view account_id, int block);

std::string GroupKey(std::string_view group_id);
std::string MemberKey(std::string_view group_id, std::string_view account_id);
std::string PartialKey(std::string_view group_id, int32_t partition);

// Prefixes of everything of a sort, and of everything of one account.
std::string AllAccountsPrefix();
std::string AllEntitiesPrefix();
std::string AllEntityPagesPrefix();
std::string AllPartialsPrefix();
std::string EntitiesPrefix(std::string_view account_id);
std::string EntitiesPrefix(std::string_view account_id, EntityKind kind);
std::string EntityPagesPrefix(std::string_view account_id);
std::string EntityBucketsPrefix(std::string_view account_id);
std::string LedgerPrefix(std::string_view account_id);
std::string AllGroupsPrefix();
std::string MembersPrefix(std::string_view group_id);

// The id in an AccountKey, in a GroupKey.
std::string_view AccountIdOf(std::string_view account_key);
std::string_view GroupIdOf(std::string_view group_key);

// The name in any key but that of the meta record, with its length in front: names in the order of keys.
std::string_view NameIn(std::string_view key);

// Whether the keys of one name come before those of another, in the same sort.
bool NameLess(std::string_view a, std::string_view b);

// The entity in an EntityKey, the number in an EntityPageKey, the source partition in a PartialKey.
EntityRef EntityOf(std::string_view entity_key);
uint32_t PageOf(std::string_view entity_page_key);
int32_t PartitionOf(std::string_view partial_key);

// Prefixes of what in a shard of stage 1 follows from its entities, but for the accounts' records (rebuild.h).
std::vector<std::string> DerivedPrefixes();

// Packs contributions that are sorted and summed into one operand per block, in their order: (block number, cells).
std::vector<std::pair<int, std::string>> PackLedger(std::span<const Contribution> contributions);

// Appends the cells of a block. False: the bytes are damaged.
[[nodiscard]] bool UnpackLedgerBlock(int block, std::string_view cells, std::vector<Contribution>& contributions);

// The block number in a LedgerBlockKey.
int BlockOf(std::string_view ledger_block_key);

// The MergeFunction of a shard's store: of ledger blocks, pages and buckets.
std::optional<std::string> MergeStored(std::string_view key, std::string_view left, std::string_view right);

// Adds two blocks cell by cell, modulo 2^64.
std::optional<std::string> MergeLedgerBlocks(std::string_view left, std::string_view right);

// Adds two lists that are sorted and summed; the result is, too.
std::vector<Contribution> AddContributions(std::span<const Contribution> a, std::span<const Contribution> b);

}  // namespace keyfold

#endif  // KEYFOLD_STATE_STORE_KEYS_H_
