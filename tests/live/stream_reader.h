// A client of a stream of events: what it knows, of what it has received before it was cut off.
#ifndef KEYFOLD_TESTS_LIVE_STREAM_READER_H_
#define KEYFOLD_TESTS_LIVE_STREAM_READER_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/latest_values.h"

namespace keyfold {

class StreamReader {
 public:
  StreamReader(Visibility visibility, Interest interest)
      : visibility_(std::move(visibility)), interest_(std::move(interest)) {}

  size_t queued_max = 4096;
  KpiSelection kpis;

  // Connects, with the id of the last event.
  void Connect(LatestValues& values) {
    Disconnect();
    SubscriptionRequest request{interest_, kpis, last_id, queued_max};
    stream_ = values.Subscribe(visibility_, std::move(request), [this] { ++wakes; });
  }

  // Ends the connection; bytes that were sent and not received are lost.
  void Disconnect() {
    stream_.reset();
    bytes_.clear();
  }
  bool connected() const { return stream_ != nullptr; }

  // Has up to `sent_max` bytes sent, and receives `received_max` of them. False: there is nothing more.
  bool Receive(size_t sent_max = 1 << 20, size_t received_max = 1 << 30) {
    std::string sent;
    const absl::StatusOr<bool> more = stream_->Next(sent, sent_max);
    EXPECT_TRUE(more.ok()) << more.status();
    Take(std::string_view(sent).substr(0, received_max));
    return more.ok() && *more;
  }
  void ReceiveAll(size_t sent_max = 1 << 20) {
    while (Receive(sent_max)) {
    }
  }
  void Heartbeat() {
    std::string sent;
    stream_->Heartbeat(sent);
    Take(sent);
  }

  // What it knows: by the id, the number of the latest update.
  std::map<std::string, int64_t> known;
  std::map<std::string, std::map<std::string, int64_t>> alerts;  // that are raised, by the owner's id
  std::vector<std::string> events;  // "reset", "update A1", "alerts A1", "gone A1", "caught-up"
  std::string last_id;
  int wakes = 0;

  std::vector<std::string> TakeEvents() { return std::exchange(events, {}); }

  // Called with every update.
  std::function<void(const nlohmann::json& update)> on_update = [](const nlohmann::json& /*update*/) {};
  // Called with the id of every other event.
  std::function<void(const std::string& id)> on_other = [](const std::string& /*id*/) {};

 private:
  void Take(std::string_view received) {
    bytes_ += received;
    for (size_t end = bytes_.find("\n\n"); end != std::string::npos; end = bytes_.find("\n\n")) {
      TakeBlock(bytes_.substr(0, end));
      bytes_.erase(0, end + 2);
    }
  }

  void TakeBlock(const std::string& block) {
    std::string name;
    std::string data;
    size_t begin = 0;
    while (begin < block.size()) {
      const size_t end = std::min(block.find('\n', begin), block.size());
      const std::string line = block.substr(begin, end - begin);
      begin = end + 1;
      if (line.starts_with("event: ")) name = line.substr(7);
      if (line.starts_with("data: ")) data = line.substr(6);
      if (line.starts_with("id: ")) last_id = line.substr(4);
    }
    if (!data.empty()) TakeEvent(name, nlohmann::json::parse(data));
  }

  void TakeEvent(const std::string& name, const nlohmann::json& data) {
    std::string id = data.value("account_id", "");
    if (id.empty()) id = data.value("group_id", "");
    events.push_back(id.empty() ? name : name + " " + id);
    if (name == "reset") {
      known.clear();
      alerts.clear();
      seen_.clear();
    } else if (name == "gone") {
      known.erase(id);
      alerts.erase(id);
      on_other(id);
    } else if (name == "alerts") {
      alerts.erase(id);
      for (const nlohmann::json& alert : data.at("alerts")) TakeAlert(id, alert);
      on_other(id);
    } else if (name == "update") {
      const int64_t number = std::stoll(data.at("source_offset").get<std::string>());
      EXPECT_GE(number, seen_[id]) << id << " went backwards";
      known[id] = seen_[id] = number;
      on_update(data);
    }
  }

  void TakeAlert(const std::string& owner, const nlohmann::json& alert) {
    EXPECT_EQ(alert.at("account_id").get<std::string>() + alert.at("group_id").get<std::string>(), owner);
    EXPECT_TRUE(alert.at("raised"));
    const std::string id = alert.at("alert");
    const int64_t number = std::stoll(alert.at("source_offset").get<std::string>());
    int64_t& seen = seen_[owner + "/" + id];
    EXPECT_GE(number, seen) << id << " of " << owner << " went backwards";
    alerts[owner][id] = seen = number;
  }

  const Visibility visibility_;
  const Interest interest_;
  std::unique_ptr<Subscription> stream_;
  std::string bytes_;
  std::map<std::string, int64_t> seen_;  // also of what is gone
};

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_LIVE_STREAM_READER_H_
