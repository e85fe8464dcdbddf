// What a record of account-alerts says, and its JSON for clients.
#ifndef KEYFOLD_LIVE_PUBLISHED_ALERT_H_
#define KEYFOLD_LIVE_PUBLISHED_ALERT_H_

#include <optional>
#include <string>
#include <string_view>

#include "keyfold/v1/alert.pb.h"
#include "keyfold/v1/latest_values.pb.h"

namespace keyfold {

// Reads a record; nullopt: the value is none of ParsePublished(), or not of the alert that is the key.
std::optional<v1::KpiAlert> DecodeAlert(std::string_view key, std::string_view value);

// What lists know of it.
v1::LatestAlert LatestOf(const v1::KpiAlert& alert);

// Appends it as one JSON object: proto3 JSON with the field names of the .proto file, every field that is no message
// present.
void AppendAlertJson(const v1::KpiAlert& alert, std::string& out);

}  // namespace keyfold

#endif  // KEYFOLD_LIVE_PUBLISHED_ALERT_H_
