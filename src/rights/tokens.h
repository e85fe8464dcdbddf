// Bearer tokens: who may ask, for what, and for how long.
//
// A token is kf_<id>_<secret>; the secret is 256 random bits. The file keeps its SHA-256, so who reads the file cannot
// ask with it. A slow hash such as bcrypt makes guessing dear where people choose the secret; nobody guesses 256 bits,
// and a slow hash at every request would be a door for whoever wants to keep the processor busy.
//
//   {"tokens": [{"id": "5b1e…", "name": "Dashboard Nord", "sha256": "…", "roles": ["reader"], "groups": ["manager:M7"],
//                "created": "2026-06-01T08:00:00Z", "expires": "2027-06-01T08:00:00Z", "revoked": "…",
//                "limits": {"requests_per_second": 20, "streams": 10}}]}
//
// Nobody sees what was not given to him: without `groups` a token sees nothing, with "*" everything. An admin sees
// everything. `expires`, `revoked` and `limits` may be absent.
#ifndef KEYFOLD_RIGHTS_TOKENS_H_
#define KEYFOLD_RIGHTS_TOKENS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rights/file_stamp.h"
#include "rights/principal.h"

namespace keyfold {

inline constexpr char kAllGroups[] = "*";

struct TokenRecord {
  std::string id = {};
  std::string name = {};
  std::string sha256 = {};  // of the whole token, hexadecimal
  std::set<Role> roles = {};
  std::set<std::string> groups = {};
  absl::Time created = {};
  std::optional<absl::Time> expires = {};
  std::optional<absl::Time> revoked = {};
  std::optional<int64_t> requests_per_second = {};
  std::optional<int64_t> streams = {};
};

// Whether it lets anybody in at that time.
bool IsInForce(const TokenRecord& record, absl::Time now);

// InvalidArgument says which token is wrong, and what about it.
absl::StatusOr<std::vector<TokenRecord>> ParseTokens(const std::string& json);
std::string FormatTokens(const std::vector<TokenRecord>& records);

// Gives the record an id and a hash; returns the token, which is kept nowhere.
std::string MakeToken(TokenRecord& record);

// Reads the file, lets `edit` change the tokens, and puts a new file (mode 0600) in its place: readers see the old one
// or the new one, also after a power cut; two who edit wait for each other. A file that is not there holds no tokens.
absl::Status EditTokens(const std::string& file, const std::function<absl::Status(std::vector<TokenRecord>&)>& edit);

// The tokens of the file, as ReadFile() and ParseTokens() have them.
absl::StatusOr<std::vector<TokenRecord>> ReadTokens(const std::string& file);

// Adds a token to the file, for `days` (0: for ever) from `now` on; the record gets id and times. Returns the token.
// InvalidArgument: it could do nothing.
absl::StatusOr<std::string> IssueToken(const std::string& file, int64_t days, absl::Time now, TokenRecord& record);

// Ends a token; of one that has ended the first time counts. NotFound: there is none with that id.
absl::Status RevokeToken(const std::string& file, std::string_view id, absl::Time now);

// The tokens of a file, as it was when it was last looked at. Thread-safe.
class Tokens {
 public:
  // NotFound and the like: the file cannot be read; InvalidArgument: it is broken.
  static absl::StatusOr<std::unique_ptr<Tokens>> Open(const std::string& file);

  // Reads the file if it is another one than before. One that is broken or gone is said in the log, and the tokens
  // before it stay.
  void Refresh();

  // The token's record; nullopt: there is no such token, or it is not in force. How long it takes says nothing about
  // the secret.
  std::optional<TokenRecord> Find(std::string_view token, absl::Time now) const;

  // The record of the only token in force with that name; nullopt: there is none, or more than one.
  std::optional<TokenRecord> FindByName(std::string_view name, absl::Time now) const;

  // The limit of the token with that id; nullopt: it has none of its own, or there is no such token.
  std::optional<int64_t> StreamsMax(const std::string& id) const;

  // Whether the token that made this principal still would.
  bool StillHolds(const Principal& who, absl::Time now) const;

 private:
  using Table = absl::flat_hash_map<std::string, TokenRecord>;  // by id

  explicit Tokens(std::string file) : file_(std::move(file)) {}
  absl::Status Read();
  std::shared_ptr<const Table> table() const;

  const std::string file_;
  FileStamp stamp_;  // of the thread that refreshes
  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_;
};

Principal PrincipalOf(const TokenRecord& record);

}  // namespace keyfold

#endif  // KEYFOLD_RIGHTS_TOKENS_H_
