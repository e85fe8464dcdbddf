// keyfold_latest: the last committed KPI update of every account or group of a topic, as JSON lines in the order of
// their keys; and how many records the topic holds, as one line of JSON on standard error.
#include <google/protobuf/util/json_util.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/broker/program.h"
#include "bench/workload.h"
#include "kafka/topic_reader.h"
#include "keyfold/v1/kpi_update.pb.h"

namespace keyfold {
namespace {

struct Topic {
  std::map<std::string, std::string> latest;  // a tombstone takes the key away
  int64_t records = 0;
  int64_t bytes = 0;  // of all values
};

absl::Status TryReadLatest(const KafkaConnection& connection, const std::string& name, Topic& topic) {
  topic = Topic();
  return ReadTopic(connection, name, [&topic](const Record& record) {
    ++topic.records;
    const std::string key(record.key.value_or(""));
    if (!record.value.has_value()) {
      topic.latest.erase(key);
      return;
    }
    topic.bytes += static_cast<int64_t>(record.value->size());
    topic.latest[key] = std::string(*record.value);
  });
}

// Tries for a while: a topic that was just created may have no leader yet.
Topic ReadLatest(const KafkaConnection& connection, const std::string& name) {
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  Topic topic;
  absl::Status status = TryReadLatest(connection, name, topic);
  while (absl::IsUnavailable(status) && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(200));
    status = TryReadLatest(connection, name, topic);
  }
  Require(status);
  return topic;
}

absl::Status Print(const Topic& topic) {
  google::protobuf::util::JsonPrintOptions format;
  format.preserve_proto_field_names = true;
  v1::KpiUpdate update;
  std::string line;
  for (const auto& [key, value] : topic.latest) {
    if (!update.ParseFromString(value))
      return absl::DataLossError(absl::StrCat("the update of ", key, " is no KpiUpdate"));
    const std::string& id = update.group_id().empty() ? update.account_id() : update.group_id();
    if (id != key) return absl::DataLossError(absl::StrCat("the update under the key ", key, " is of ", id));
    update.clear_changed();
    line.clear();
    const auto status = google::protobuf::util::MessageToJsonString(update, &line, format);
    if (!status.ok()) return absl::DataLossError(absl::StrCat("the update of ", key, ": ", status.ToString()));
    std::cout << line << '\n';
  }
  std::cout.flush();
  return std::cout ? absl::OkStatus() : absl::DataLossError("writing failed");
}

}  // namespace
}  // namespace keyfold

int main(int argc, char** argv) {
  keyfold::LogToStandardError();
  keyfold::KafkaConnection connection;
  std::string name;
  bool count_only = false;
  CLI::App app("Prints the last committed KPI update (Protobuf) of every key of a topic");
  app.add_option("--bootstrap", connection.bootstrap, "HOST:PORT of the brokers")->required();
  app.add_option("--topic", name, "Topic of KPI updates")->required();
  app.add_flag("--count-only", count_only, "Only counts, on standard error");
  CLI11_PARSE(app, argc, argv);
  const keyfold::Topic topic = keyfold::ReadLatest(connection, name);
  if (!count_only) keyfold::Require(keyfold::Print(topic));
  std::cerr << "{\"records\": " << topic.records << ", \"keys\": " << topic.latest.size()
            << ", \"bytes\": " << topic.bytes << "}\n";
  return 0;
}
