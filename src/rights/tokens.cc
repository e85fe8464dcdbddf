#include "rights/tokens.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "rights/digest.h"
#include "spdlog/spdlog.h"

namespace keyfold {
namespace {

constexpr std::string_view kPrefix = "kf_";

// A descriptor that is closed with its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  const int number_;
};

absl::Status FileError(const char* what, const std::string& file) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", file));
}

absl::Status WriteAll(int descriptor, std::string_view bytes, const std::string& file) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return FileError("cannot write", file);
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(descriptor) == 0 ? absl::OkStatus() : FileError("cannot sync", file);
}

// Puts a new file in the place of the old one, whose directory is open: synced, as its name is.
absl::Status Replace(const std::string& file, std::string_view bytes, const Descriptor& directory) {
  const std::string beside = file + ".new";
  unlink(beside.c_str());  // what somebody left who was killed; its mode may be any
  const Descriptor written(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (written.number() < 0) return FileError("cannot create", beside);
  KEYFOLD_RETURN_IF_ERROR(WriteAll(written.number(), bytes, beside));
  if (std::rename(beside.c_str(), file.c_str()) != 0) return FileError("cannot replace", file);
  return fsync(directory.number()) == 0 ? absl::OkStatus() : FileError("cannot sync the directory of", file);
}

}  // namespace

Principal LocalPrincipal() {
  return {.token_id = "",
          .name = "local",
          .roles = {Role::kReader, Role::kProducer, Role::kMetrics, Role::kAdmin},
          .groups = {},
          .sees_all = true};
}

bool IsInForce(const TokenRecord& record, absl::Time now) {
  return !record.revoked.has_value() && (!record.expires.has_value() || now < *record.expires);
}

Principal PrincipalOf(const TokenRecord& record) {
  Principal who = {.token_id = record.id, .name = record.name, .roles = record.roles, .groups = record.groups};
  who.sees_all = who.groups.erase(kAllGroups) > 0 || who.Is(Role::kAdmin);
  return who;
}

std::string MakeToken(TokenRecord& record) {
  constexpr size_t kIdBytes = 8;
  constexpr size_t kSecretBytes = 32;
  record.id = absl::BytesToHexString(RandomBytes(kIdBytes));
  std::string token = absl::StrCat("kf_", record.id, "_", absl::WebSafeBase64Escape(RandomBytes(kSecretBytes)));
  record.sha256 = Sha256Hex(token);
  return token;
}

absl::Status EditTokens(const std::string& file, const std::function<absl::Status(std::vector<TokenRecord>&)>& edit) {
  std::string parent = std::filesystem::path(file).parent_path().string();
  if (parent.empty()) parent = ".";
  const Descriptor directory(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0) return FileError("cannot open the directory of", file);
  // The lock is the directory's: the file itself is replaced.
  if (flock(directory.number(), LOCK_EX) != 0) return FileError("cannot lock the directory of", file);
  std::vector<TokenRecord> records;
  if (StampOf(file) != FileStamp()) {
    KEYFOLD_ASSIGN_OR_RETURN(records, ReadTokens(file));
  }
  KEYFOLD_RETURN_IF_ERROR(edit(records));
  return Replace(file, FormatTokens(records), directory);
}

absl::StatusOr<std::vector<TokenRecord>> ReadTokens(const std::string& file) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  absl::StatusOr<std::vector<TokenRecord>> records = ParseTokens(text);
  if (!records.ok()) return absl::Status(records.status().code(), absl::StrCat(file, ": ", records.status().message()));
  return records;
}

absl::StatusOr<std::string> IssueToken(const std::string& file, int64_t days, absl::Time now, TokenRecord& record) {
  constexpr int64_t kHoursPerDay = 24;
  if (record.roles.empty()) return absl::InvalidArgumentError("a token without a role may do nothing");
  if (record.groups.empty() && record.roles.contains(Role::kReader) && !record.roles.contains(Role::kAdmin)) {
    return absl::InvalidArgumentError("a reader without groups sees nothing: name groups, or '*' for all");
  }
  record.created = now;
  if (days > 0) record.expires = now + absl::Hours(kHoursPerDay * days);
  std::string token = MakeToken(record);
  KEYFOLD_RETURN_IF_ERROR(EditTokens(file, [&record](std::vector<TokenRecord>& records) {
    records.push_back(record);
    return absl::OkStatus();
  }));
  return token;
}

absl::Status RevokeToken(const std::string& file, std::string_view id, absl::Time now) {
  return EditTokens(file, [&](std::vector<TokenRecord>& records) {
    for (TokenRecord& record : records) {
      if (record.id != id) continue;
      if (!record.revoked.has_value()) record.revoked = now;
      return absl::OkStatus();
    }
    return absl::NotFoundError(absl::StrCat("there is no token with the id ", std::string(id)));
  });
}

absl::StatusOr<std::unique_ptr<Tokens>> Tokens::Open(const std::string& file) {
  std::unique_ptr<Tokens> tokens(new Tokens(file));
  tokens->stamp_ = StampOf(file);
  KEYFOLD_RETURN_IF_ERROR(tokens->Read());
  return tokens;
}

void Tokens::Refresh() {
  const FileStamp stamp = StampOf(file_);
  if (stamp == stamp_) return;
  stamp_ = stamp;  // before it is read: what changes meanwhile is read again
  const absl::Status status = Read();
  if (status.ok()) {
    spdlog::info("tokens: {} was read again", file_);
  } else {
    spdlog::error("tokens: those before stay in force, {}", std::string(status.message()));
  }
}

absl::Status Tokens::Read() {
  KEYFOLD_ASSIGN_OR_RETURN(std::vector<TokenRecord> records, ReadTokens(file_));
  auto table = std::make_shared<Table>();
  for (TokenRecord& record : records) {
    std::string id = record.id;
    table->emplace(std::move(id), std::move(record));
  }
  const std::lock_guard lock(mutex_);
  table_ = std::move(table);
  return absl::OkStatus();
}

std::shared_ptr<const Tokens::Table> Tokens::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

std::optional<TokenRecord> Tokens::Find(std::string_view token, absl::Time now) const {
  static const std::string nobodys(64, '0');
  const std::string hash = Sha256Hex(token);
  std::string_view id = token;
  if (id.starts_with(kPrefix)) id.remove_prefix(kPrefix.size());
  id = id.substr(0, id.find('_'));
  const std::shared_ptr<const Table> table = this->table();
  const auto found = table->find(std::string(id));
  const bool known = found != table->end();
  // An unknown id takes as long as a wrong secret.
  const bool same = EqualInConstantTime(hash, known ? found->second.sha256 : nobodys);
  if (!known || !same || !IsInForce(found->second, now)) return std::nullopt;
  return found->second;
}

std::optional<TokenRecord> Tokens::FindByName(std::string_view name, absl::Time now) const {
  const std::shared_ptr<const Table> table = this->table();
  const TokenRecord* found = nullptr;
  for (const auto& [id, record] : *table) {
    if (record.name != name || !IsInForce(record, now)) continue;
    if (found != nullptr) return std::nullopt;
    found = &record;
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<int64_t> Tokens::StreamsMax(const std::string& id) const {
  const std::shared_ptr<const Table> table = this->table();
  const auto found = table->find(id);
  return found == table->end() ? std::nullopt : found->second.streams;
}

bool Tokens::StillHolds(const Principal& who, absl::Time now) const {
  const std::shared_ptr<const Table> table = this->table();
  const auto found = table->find(who.token_id);
  return found != table->end() && IsInForce(found->second, now) && PrincipalOf(found->second) == who;
}

}  // namespace keyfold
