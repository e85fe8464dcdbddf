// Webhooks of other programs: whether a request is of who may send it, and the events that its document becomes by a
// mapping. Knows neither HTTP nor Kafka.
#ifndef KEYFOLD_HOOKS_HOOKS_H_
#define KEYFOLD_HOOKS_HOOKS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/currency.h"
#include "config/hook_config.h"
#include "exports/document_mapper.h"
#include "hooks/signature.h"
#include "intake/posted_events.h"

namespace keyfold {

// Since the start.
struct HookCounts {
  int64_t refused = 0;   // requests whose signature was wrong
  int64_t events = 0;    // that rows became
  int64_t rejected = 0;  // rows
  int64_t left_out = 0;  // rows
};

// Thread-safe.
class Hook {
 public:
  // Reads the mapping and the secrets. The errors of files; InvalidArgument: what is wrong with the mapping, or that a
  // hook cannot serve it.
  static absl::StatusOr<std::unique_ptr<Hook>> Open(const HookConfig& config, Currency reporting_currency);

  const std::string& name() const { return config_.name; }

  // Whether requests are signed; otherwise who sends them must show a token.
  bool is_signed() const { return !config_.signature.header.empty(); }

  // Unauthenticated: it is not from who has the secret. Other errors: the secret cannot be read. REQUIRES: is_signed().
  absl::Status Check(const SignedRequest& request, absl::Time now) const;

  struct Mapped {
    std::vector<PostedEvent> events;  // kValid or kRejected, by row
    int64_t left_out = 0;             // rows
  };
  // The events of a document in JSON, or of a list of them. InvalidArgument: it is none. OutOfRange: there are more
  // than kPostedEventsMax.
  absl::StatusOr<Mapped> Map(std::string_view body, std::string_view traceparent) const;

  HookCounts counts() const;

 private:
  Hook(HookConfig config, DocumentMapper mapper, Currency reporting_currency)
      : config_(std::move(config)), mapper_(std::move(mapper)), reporting_currency_(reporting_currency) {}

  const HookConfig config_;
  const DocumentMapper mapper_;
  const Currency reporting_currency_;
  mutable std::atomic<int64_t> refused_ = 0;
  mutable std::atomic<int64_t> events_ = 0;
  mutable std::atomic<int64_t> rejected_ = 0;
  mutable std::atomic<int64_t> left_out_ = 0;
};

// All of a process. Thread-safe.
class Hooks {
 public:
  // Errors: those of Hook::Open(), with the hook's name.
  static absl::StatusOr<Hooks> Open(const std::vector<HookConfig>& configs, Currency reporting_currency);

  // nullptr: there is none of this name.
  const Hook* Find(std::string_view name) const;

  const std::vector<std::unique_ptr<Hook>>& all() const { return hooks_; }

 private:
  std::vector<std::unique_ptr<Hook>> hooks_;
};

}  // namespace keyfold

#endif  // KEYFOLD_HOOKS_HOOKS_H_
