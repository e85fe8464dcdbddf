// Keyfold within another program: two events in, the KPIs of an account and its groups out, and what is wrong with a
// third. It links keyfold_embed.
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "keyfold/engine.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace {

constexpr std::string_view kEvents[] = {
    R"({"event_id": "e1", "account_id": "A1", "occurred_at": "2026-06-01T08:00:00Z",
        "account_opened": {"name": "Adler AG", "segment": "Machines"}})",
    R"({"event_id": "e2", "account_id": "A1", "occurred_at": "2026-06-01T10:00:00Z",
        "invoice_issued": {"invoice_id": "I1", "lines": [{"sale_type": "BASE", "quantity": 1000,
                           "net": {"currency_code": "EUR", "minor": 123400}}]}})",
    R"({"event_id": "e3", "account_id": "A1", "occurred_at": "2026-06-01T11:00:00Z"})"};

absl::Status Print(const keyfold::OutputRecord& record) {
  if (record.topic == keyfold::OutputTopic::kDeadLetters) {
    for (const keyfold::RecordHeader& header : record.headers) {
      if (header.name == "error.message") std::cout << "rejected: " << header.value.value_or("") << '\n';
    }
    return absl::OkStatus();
  }
  if (record.topic == keyfold::OutputTopic::kAlerts) return absl::OkStatus();  // a keyfold::v1::KpiAlert
  keyfold::v1::KpiUpdate update;
  if (!record.value.has_value()) {
    std::cout << *record.key << " is gone\n";
  } else if (update.ParseFromString(*record.value)) {
    std::cout << *record.key << ": revenue_t12m " << update.kpis().at("revenue_t12m") << " at " << update.as_of()
              << '\n';
  }
  return absl::OkStatus();
}

}  // namespace

int main() {
  auto engine = keyfold::Engine::Open({});  // in memory; with a state_directory it goes on where it was
  if (!engine.ok()) {
    std::cerr << engine.status().message() << '\n';
    return 1;
  }
  std::vector<keyfold::Record> records;
  for (std::string_view event : kEvents) {
    keyfold::Record& record = records.emplace_back();
    record.offset = (*engine)->next_offset() + static_cast<int64_t>(records.size()) - 1;
    record.timestamp_ms = 1'780'315'200'000;  // 2026-06-01T12:00Z: the date at which KPIs are evaluated follows it
    record.key = "A1";
    record.value = event;
  }
  const absl::Status folded = (*engine)->Fold(records, Print);
  if (!folded.ok()) std::cerr << folded.message() << '\n';
  return folded.ok() ? 0 : 1;
}
