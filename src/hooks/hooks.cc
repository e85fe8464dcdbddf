#include "hooks/hooks.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "config/text_files.h"
#include "event/exact_json.h"
#include "event/trace_parent.h"
#include "event/validation.h"

namespace keyfold {

absl::StatusOr<std::unique_ptr<Hook>> Hook::Open(const HookConfig& config, Currency reporting_currency) {
  KEYFOLD_ASSIGN_OR_RETURN(const std::string yaml, ReadFile(config.mapping));
  KEYFOLD_ASSIGN_OR_RETURN(DocumentMapper mapper, DocumentMapper::Parse(yaml, config.mapping));
  std::unique_ptr<Hook> hook(new Hook(config, std::move(mapper), reporting_currency));
  if (hook->is_signed()) KEYFOLD_RETURN_IF_ERROR(SecretsOf(config.signature).status());
  return hook;
}

absl::Status Hook::Check(const SignedRequest& request, absl::Time now) const {
  KEYFOLD_ASSIGN_OR_RETURN(const std::vector<std::string> secrets, SecretsOf(config_.signature));
  absl::Status status = CheckSignature(config_.signature, secrets, request, now);
  if (!status.ok()) ++refused_;
  return status;
}

absl::StatusOr<Hook::Mapped> Hook::Map(std::string_view body, std::string_view traceparent) const {
  std::optional<JsonValue> document = ParseExactJson(body);
  if (!document.has_value()) return absl::InvalidArgumentError("the body is no JSON");
  KEYFOLD_ASSIGN_OR_RETURN(MappedDocument rows, mapper_.Map(*std::move(document)));
  Mapped mapped;
  mapped.left_out = rows.left_out;
  for (MappedOutcome& outcome : rows.outcomes) {
    PostedEvent& posted = mapped.events.emplace_back();
    posted.line = outcome.line;
    // The mapping has looked at it, but does not know the currency that has no rate.
    if (outcome.reason.empty()) outcome.reason = Validate(outcome.event, reporting_currency_).problem;
    posted.event_id = outcome.event.event_id();
    posted.reason = std::move(outcome.reason);
    if (!posted.reason.empty()) {
      ++rejected_;
      continue;
    }
    posted.status = PostedStatus::kValid;
    posted.account_id = outcome.event.account_id();
    posted.value = outcome.event.SerializeAsString();
    posted.traceparent = TraceParent(traceparent);
    ++events_;
  }
  left_out_ += mapped.left_out;
  return mapped;
}

HookCounts Hook::counts() const {
  return {.refused = refused_, .events = events_, .rejected = rejected_, .left_out = left_out_};
}

absl::StatusOr<Hooks> Hooks::Open(const std::vector<HookConfig>& configs, Currency reporting_currency) {
  Hooks hooks;
  for (const HookConfig& config : configs) {
    absl::StatusOr<std::unique_ptr<Hook>> hook = Hook::Open(config, reporting_currency);
    if (!hook.ok()) {
      return absl::Status(hook.status().code(), absl::StrCat("hook ", config.name, ": ", hook.status().message()));
    }
    hooks.hooks_.push_back(*std::move(hook));
  }
  return hooks;
}

const Hook* Hooks::Find(std::string_view name) const {
  for (const std::unique_ptr<Hook>& hook : hooks_) {
    if (hook->name() == name) return hook.get();
  }
  return nullptr;
}

}  // namespace keyfold
