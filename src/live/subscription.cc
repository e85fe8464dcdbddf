#include "live/subscription.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "live/json_members.h"
#include "live/published_alert.h"
#include "xxhash.h"

namespace keyfold {
namespace {

constexpr size_t kGatherMax = 64;

// The same wherever the same is asked with the same rights, and hardly ever another's.
std::string ScopeOf(const Visibility& visibility, const Interest& interest, const KpiSelection& kpis) {
  std::string text;
  const auto add = [&text](const auto& ids) {
    const std::set<std::string_view> sorted(ids.begin(), ids.end());
    for (std::string_view id : sorted) absl::StrAppend(&text, id.size(), ":", absl::string_view(id.data(), id.size()));
    text += ';';
  };
  add(visibility.sees_all ? std::set<std::string>{"*"} : visibility.groups);
  absl::StrAppend(&text, visibility.sees_all, interest.all_accounts, interest.all_groups, interest.alerts);
  for (const auto* ids : {&interest.accounts, &interest.groups, &interest.members_of}) add(*ids);
  add(kpis);
  return absl::StrFormat("%08x", static_cast<uint32_t>(XXH3_64bits(text.data(), text.size())));
}

// Whether a later one of these says the same of the same owner, and with what has changed since.
bool IsToldAgain(const std::deque<Telling>& tellings) {
  const Telling& first = tellings.front();
  return first.kind == Telling::Kind::kAlerts &&
         std::any_of(tellings.begin() + 1, tellings.end(), [&first](const Telling& later) {
           return later.kind == Telling::Kind::kAlerts && later.topic == first.topic && later.id == first.id;
         });
}

// Opens an object with whose it is.
void AppendOwner(const Telling& telling, std::string& out) {
  out += telling.topic == LatestTopic::kAccounts ? "{\"account_id\":" : "{\"group_id\":";
  AppendJsonString(telling.id, out);
}

}  // namespace

Subscription::Subscription(LatestState& state, const Visibility& visibility, SubscriptionRequest request,
                           std::function<void()> wake)
    : state_(state),
      kpis_(std::move(request.kpis)),
      scope_(ScopeOf(visibility, request.interest, kpis_)),
      waker_(std::make_shared<Waker>(std::move(wake))) {
  absl::WriterMutexLock lock(&state_.mutex);
  cursor_ = std::make_unique<StreamCursor>(state_.rows, visibility, request.interest, request.queued_max);
  // Before the history is read: nothing falls between.
  state_.watchers.Add(cursor_.get(), waker_);
  epoch_ = state_.epoch;
  std::optional<StreamPosition> position = ParsePosition(absl::StrCat(epoch_, ".", scope_), request.resume_id);
  // An id of no stream is a moment at which the reader knows, from lists, what it asks for.
  if (!position.has_value()) position = ParsePosition(epoch_, request.resume_id);
  if (!position.has_value() || !HasReached(state_.ends.next, position->told) ||
      !HasReached(state_.ends.next, position->since)) {
    Restart();
    return;
  }
  cursor_->Resume(*position);
  present_ = state_.ends.next;
  told_ = taken_ = *position;
}

Subscription::~Subscription() {
  {
    absl::WriterMutexLock lock(&state_.mutex);
    state_.watchers.Remove(cursor_.get());
    cursor_.reset();
  }
  waker_->Silence();
}

void Subscription::Restart() {
  epoch_ = state_.epoch;
  cursor_->Restart(state_.ends);
  present_ = state_.ends.next;
  told_ = taken_ = cursor_->position();
  restarts_ = true;
  caught_up_ = false;
}

bool Subscription::Gather() {
  absl::ReaderMutexLock lock(&state_.mutex);
  cursor_->waits = false;
  if (epoch_ != state_.epoch) Restart();
  std::vector<Telling> tellings;
  StreamCursor::Outcome outcome = cursor_->Take(state_.ends, kGatherMax, tellings);
  if (outcome == StreamCursor::Outcome::kLost) {
    Restart();
    outcome = cursor_->Take(state_.ends, kGatherMax, tellings);
  }
  taken_ = cursor_->position();
  tellings_.assign(std::make_move_iterator(tellings.begin()), std::make_move_iterator(tellings.end()));
  cursor_->waits = tellings_.empty() && outcome == StreamCursor::Outcome::kAllTaken;
  return !cursor_->waits;
}

absl::StatusOr<bool> Subscription::Next(std::string& out, size_t bytes_max) {
  const size_t begin = out.size();
  bool more = true;
  absl::Status status;
  while (more && status.ok() && out.size() - begin < bytes_max) {
    if (tellings_.empty()) more = Gather();
    AppendState(out);
    if (tellings_.empty() || out.size() - begin >= bytes_max) continue;
    const Telling& telling = tellings_.front();
    if (!IsToldAgain(tellings_)) status = Append(telling, out);
    if (!status.ok()) break;
    if (telling.is_last) {
      MutableOffset(told_.told, telling.change_topic, telling.change.partition) = telling.change.offset + 1;
    }
    tellings_.pop_front();
    AppendState(out);
  }
  EndEvent(out);
  if (!status.ok()) return status;
  return more;
}

void Subscription::Heartbeat(std::string& out) {
  if (tellings_.empty() && caught_up_) {
    absl::ReaderMutexLock lock(&state_.mutex);
    if (epoch_ == state_.epoch) {
      cursor_->SkipToEnd(state_.ends);
      told_ = taken_ = cursor_->position();
    }
  }
  std::string id = PrintId();
  if (!caught_up_ || id == last_id_) {
    out += ":\n\n";
    return;
  }
  absl::StrAppend(&out, "id: ", id, "\n\n");
  last_id_ = std::move(id);
}

void Subscription::BeginEvent(std::string_view name, std::string& out) {
  if (event_is_open_) out += '\n';  // it was not the last one
  event_is_open_ = true;
  out += "event: ";
  out += name;
  out += "\ndata: ";
}

void Subscription::EndEvent(std::string& out) {
  if (!std::exchange(event_is_open_, false)) return;
  last_id_ = PrintId();
  absl::StrAppend(&out, "id: ", last_id_, "\n\n");
}

void Subscription::AppendState(std::string& out) {
  if (std::exchange(restarts_, false)) {
    BeginEvent("reset", out);
    out += "{\"epoch\":";
    AppendJsonString(epoch_, out);
    out += "}\n";
    // From here on, the reader does not know any more what its id of before stands for.
    EndEvent(out);
  }
  if (!tellings_.empty()) return;
  told_ = taken_;
  if (caught_up_ || !HasReached(told_.told, present_)) return;
  caught_up_ = true;
  BeginEvent("caught-up", out);
  out += "{}\n";
}

std::string Subscription::PrintId() const { return PrintPosition(absl::StrCat(epoch_, ".", scope_), told_); }

absl::Status Subscription::Append(const Telling& telling, std::string& out) {
  switch (telling.kind) {
    case Telling::Kind::kUpdate:
      return AppendUpdate(telling, out);
    case Telling::Kind::kAlerts:
      return AppendAlerts(telling, out);
    case Telling::Kind::kGone:
      BeginEvent("gone", out);
      AppendOwner(telling, out);
      out += "}\n";
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Subscription::AppendUpdate(const Telling& telling, std::string& out) {
  {
    // It may have been taken a while ago. What has changed since has its turn later on, if it is still to be seen.
    absl::ReaderMutexLock lock(&state_.mutex);
    const std::optional<RowNumber> number = state_.rows.Find(telling.topic, telling.id);
    if (!number.has_value()) return absl::OkStatus();
    const Row& row = state_.rows.row(*number);
    if (row.gone || RecordVersion{row.partition, row.offset} != telling.version) return absl::OkStatus();
  }
  KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> json,
                           state_.records.Json(telling.topic, telling.id, telling.version, kpis_));
  if (json == nullptr) return absl::OkStatus();  // the store has a later one already
  BeginEvent("update", out);
  absl::StrAppend(&out, *json, "\n");
  return absl::OkStatus();
}

absl::Status Subscription::AppendAlerts(const Telling& telling, std::string& out) {
  std::map<std::string, RecordVersion> raised;
  {
    absl::ReaderMutexLock lock(&state_.mutex);
    const std::optional<RowNumber> number = state_.rows.Find(telling.topic, telling.id);
    if (!number.has_value()) return absl::OkStatus();
    const Row& owner = state_.rows.row(*number);
    // Where it has left since, that has its turn later on.
    if (owner.gone || !cursor_->audience().Matches(owner, owner.groups)) return absl::OkStatus();
    for (RowNumber alert : state_.rows.AlertsOf(telling.topic, telling.id)) {
      const AlertFacts* const facts = state_.rows.alerts().Find(alert);
      if (facts == nullptr || !facts->raised) continue;
      const Row& row = state_.rows.row(alert);
      raised.emplace(row.id(), RecordVersion{row.partition, row.offset});
    }
  }
  std::string alerts;
  for (const auto& [key, version] : raised) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> json,
                             state_.records.Json(LatestTopic::kAlerts, key, version, {}));
    if (json != nullptr) {
      absl::StrAppend(&alerts, alerts.empty() ? "" : ",", *json);
      continue;
    }
    // The store has a later one already, which has its turn; that it is raised again is no reason to leave it out.
    KEYFOLD_ASSIGN_OR_RETURN(const auto later, state_.records.Get<v1::KpiAlert>(LatestTopic::kAlerts, key));
    if (!later.has_value() || !later->message.raised()) continue;
    if (!alerts.empty()) alerts += ',';
    AppendAlertJson(later->message, alerts);
  }
  BeginEvent("alerts", out);
  AppendOwner(telling, out);
  absl::StrAppend(&out, ",\"alerts\":[", alerts, "]}\n");
  return absl::OkStatus();
}

}  // namespace keyfold
