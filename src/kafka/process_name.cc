#include "kafka/process_name.h"

#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

std::string HostPrefix() { return absl::StrCat("keyfold@", HostName(), ":"); }

}  // namespace

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

std::string ProcessName() { return absl::StrCat(HostPrefix(), getpid()); }

bool IsOfThisHost(const std::string& client_id) { return absl::StartsWith(client_id, HostPrefix()); }

}  // namespace keyfold
