// Who asks, and what he may see.
#ifndef KEYFOLD_RIGHTS_PRINCIPAL_H_
#define KEYFOLD_RIGHTS_PRINCIPAL_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace keyfold {

enum class Role {
  kReader,    // asks
  kProducer,  // sends events
  kMetrics,   // reads the process's metrics
  kAdmin,     // sees everything, and may do everything
};

// "reader", "producer", "metrics", "admin".
const char* NameOf(Role role);
std::optional<Role> RoleOf(std::string_view name);

// Made of a token; one without roles is nobody, and may see what is public.
struct Principal {
  std::string token_id = {};  // empty: no token was asked for
  std::string name = {};      // for people
  std::set<Role> roles = {};
  std::set<std::string> groups = {};  // ids such as manager:M7
  bool sees_all = false;

  bool Is(Role role) const { return roles.contains(role); }
  bool Sees(const std::string& group) const { return sees_all || groups.contains(group); }

  bool operator==(const Principal&) const = default;
};

// Whoever is on this machine, where no tokens are asked for: all roles, sees everything.
Principal LocalPrincipal();

}  // namespace keyfold

#endif  // KEYFOLD_RIGHTS_PRINCIPAL_H_
