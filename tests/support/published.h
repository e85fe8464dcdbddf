// What was published, as text that a test can spell out: "A1 @ 2026-01-05 by 3" is an update of A1, evaluated at that
// date, that record 3 caused; "A1 gone" is its tombstone.
#ifndef KEYFOLD_TESTS_SUPPORT_PUBLISHED_H_
#define KEYFOLD_TESTS_SUPPORT_PUBLISHED_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/calendar.h"
#include "fold/alerts.h"
#include "keyfold/update_sink.h"
#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "keyfold/v1/stored_state.pb.h"
#include "support/event_builder.h"
#include "support/memory_cluster.h"

namespace keyfold {

inline v1::KpiUpdate ParseUpdate(const std::string& bytes) {
  v1::KpiUpdate update;
  if (!update.ParseFromString(bytes)) AbortTest("this is no update");
  return update;
}

// A KPI's value; nullopt: it is undefined.
inline std::optional<double> KpiOf(const v1::KpiUpdate& update, const std::string& id) {
  const auto found = update.kpis().find(id);
  return found == update.kpis().end() ? std::nullopt : std::optional(found->second);
}

// Of an OutputRecord or a MemoryRecord.
template <typename Output>
std::string DescribeUpdate(const Output& record) {
  if (!record.value.has_value()) return *record.key + " gone";
  const v1::KpiUpdate update = ParseUpdate(*record.value);
  EXPECT_EQ(update.account_id() + update.group_id(), *record.key);
  return absl::StrCat(*record.key, " @ ", update.as_of(), " by ", update.source_offset());
}

inline v1::KpiAlert ParseAlert(const std::string& bytes) {
  v1::KpiAlert alert;
  if (!alert.ParseFromString(bytes)) AbortTest("this is no alert");
  return alert;
}

// Of an OutputRecord or a MemoryRecord: "account/at_risk/A1 raised @ 2026-01-05 by 3", "... cleared @ ...", "... gone".
template <typename Output>
std::string DescribeAlert(const Output& record) {
  if (!record.value.has_value()) return *record.key + " gone";
  const v1::KpiAlert alert = ParseAlert(*record.value);
  const bool group = alert.account_id().empty();
  EXPECT_EQ(*record.key, AlertKey(alert.alert(), group ? alert.group_id() : alert.account_id(), group));
  return absl::StrCat(*record.key, alert.raised() ? " raised @ " : " cleared @ ", alert.as_of(), " by ",
                      alert.source_offset());
}

// "manager:M7: 2 accounts @ 2026-01-05 by 3"
inline std::string DescribePartial(const OutputRecord& record) {
  v1::GroupPartial partial;
  EXPECT_TRUE(partial.ParseFromString(record.value.value_or("")));
  EXPECT_EQ(record.routing_key, partial.group_id());
  EXPECT_EQ(record.key, absl::StrCat(partial.group_id(), std::string(1, '\0'), partial.source_partition()));
  return absl::StrCat(partial.group_id(), ": ", partial.sums().accounts(), " accounts @ ", FormatDay(partial.day()),
                      " by ", partial.source_offset());
}

// "2026-01-05" (noon UTC) or "2026-01-05T10:00:00Z" as a record's timestamp.
inline int64_t Milliseconds(std::string_view when) {
  const google::protobuf::Timestamp instant = Instant(when);
  return instant.seconds() * 1000 + instant.nanos() / 1'000'000;
}

// The record that carries an event.
inline MemoryRecord RecordOf(std::string_view timestamp, const v1::AccountEvent& event) {
  MemoryRecord record;
  record.key = event.account_id();
  record.value = event.SerializeAsString();
  record.timestamp_ms = Milliseconds(timestamp);
  return record;
}

// What a log hands out of it. It refers to `stored`.
inline Record RecordFrom(const MemoryRecord& stored, int64_t offset) {
  Record record;
  record.offset = offset;
  record.timestamp_ms = stored.timestamp_ms;
  record.key = stored.key;
  record.value = stored.value;
  return record;
}

// An invoice of one line, on its day.
inline v1::AccountEvent Invoice(const std::string& account_id, std::string_view day, int64_t minor,
                                std::string_view currency = "EUR") {
  const std::string id = absl::StrCat("I", std::string(day), minor);
  return At(day, absl::StrCat("invoice_issued { invoice_id: '", id, "'", LineOf("BASE", minor, 0, currency), "}"),
            {.event_id = id, .account_id = account_id});
}

inline v1::AccountEvent Opened(const std::string& account_id, std::string_view day = "2026-01-01") {
  return At(day, "account_opened {}", {.event_id = "opened", .account_id = account_id});
}

inline v1::AccountEvent ClockAdvanced(std::string_view when) {
  return At(when, "clock_advanced {}", {.event_id = "tick", .account_id = ""});
}

inline v1::AccountEvent Rate(std::string_view currency, std::string_view month, double rate, uint32_t revision = 0) {
  return At("2026-01-01",
            absl::StrCat("fx_rate_set { currency_code: '", std::string(currency), "' month: '", std::string(month),
                         "' rate: ", rate, " }"),
            {.event_id = "rate", .account_id = "", .revision = revision});
}

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_PUBLISHED_H_
