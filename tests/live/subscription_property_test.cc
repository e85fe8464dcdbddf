// Property: whatever happens to a reader of a stream (cut off at any byte, slow, away while the process restarts or the
// catalogue changes), it ends up knowing what is there and visible, never sees a value go back, nor anything else.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "live/latest_world.h"
#include "live/stream_reader.h"

namespace keyfold {
namespace {

const std::vector<std::string> kAccounts = {"A1", "A2", "A3", "A4", "A55", "A66"};
const std::vector<std::string> kManagers = {"M1", "M2", "M3"};
const std::vector<std::string> kGroups = {"manager:M1", "manager:M2", "manager:M3", "portfolio:all"};

template <typename T>
std::vector<T> SomeOf(const std::vector<T>& all) {
  std::vector<T> some;
  for (const T& one : all) {
    if (*rc::gen::inRange(0, 2) == 0) some.push_back(one);
  }
  return some;
}

Visibility SomeVisibility() {
  Visibility visibility;
  visibility.sees_all = *rc::gen::inRange(0, 3) == 0;
  for (const std::string& group : SomeOf(kGroups)) {
    if (group != "portfolio:all" || *rc::gen::inRange(0, 3) == 0) visibility.groups.insert(group);
  }
  return visibility;
}

Interest SomeInterest() {
  Interest interest;
  interest.all_accounts = *rc::gen::inRange(0, 2) == 0;
  interest.all_groups = *rc::gen::inRange(0, 2) == 0;
  interest.accounts = SomeOf(kAccounts);
  interest.groups = SomeOf(kGroups);
  interest.members_of = SomeOf(kGroups);
  interest.alerts = *rc::gen::inRange(0, 3) > 0;
  return interest;
}

std::set<std::string> GroupsOfUpdate(const v1::KpiUpdate& update) {
  if (!update.group_id().empty()) return {update.group_id()};
  return {"portfolio:all", "manager:" + update.attributes().manager_id()};
}

bool Meets(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const std::string& id) { return b.contains(id); });
}

bool IsVisible(const Visibility& visibility, const v1::KpiUpdate& update) {
  return visibility.sees_all || Meets(GroupsOfUpdate(update), visibility.groups);
}

bool IsWanted(const Interest& interest, const v1::KpiUpdate& update) {
  const auto has = [](const std::vector<std::string>& ids, const std::string& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  if (!update.group_id().empty()) return interest.all_groups || has(interest.groups, update.group_id());
  return interest.all_accounts || has(interest.accounts, update.account_id()) ||
         Meets(GroupsOfUpdate(update), {interest.members_of.begin(), interest.members_of.end()});
}

// A reader with what it must know in the end, and what it may hear of.
struct Client {
  Client(Visibility a_visibility, Interest an_interest)
      : visibility(std::move(a_visibility)), interest(std::move(an_interest)), reader(visibility, interest) {}

  Visibility visibility;
  Interest interest;
  StreamReader reader;
};

class World {
 public:
  World()
      : limits_{.ended_max = *rc::gen::element<size_t>(2, 5, 1000)},
        latest_(*rc::gen::inRange<int32_t>(1, 4), limits_) {
    const int clients = *rc::gen::inRange(1, 4);
    for (int i = 0; i < clients; ++i) {
      clients_.push_back(std::make_unique<Client>(SomeVisibility(), SomeInterest()));
      Client& client = *clients_.back();
      client.reader.queued_max = *rc::gen::element<size_t>(0, 1, 3, 1000);
      client.reader.on_update = [this, &client](const nlohmann::json& json) { CheckUpdate(client, json); };
      client.reader.on_other = [this, &client](const std::string& id) {
        RC_ASSERT(client.visibility.sees_all || Meets(ever_[id], client.visibility.groups));
      };
    }
  }

  void Step() {
    switch (*rc::gen::weightedElement<int>(
        {{8, 0}, {2, 1}, {1, 2}, {6, 3}, {8, 4}, {3, 5}, {1, 6}, {1, 7}, {1, 8}, {6, 9}})) {
      case 0:
        PublishAccount(*rc::gen::elementOf(kAccounts));
        break;
      case 1:
        latest_.Publish(Noted(AGroupUpdate(*rc::gen::elementOf(kGroups), 0, catalog_)));
        break;
      case 2:
        latest_.Tombstone(*rc::gen::elementOf(kAccounts));
        break;
      case 3:
        latest_.Read(*rc::gen::inRange<size_t>(1, 5), *rc::gen::inRange<size_t>(0, 3));
        break;
      case 4: {
        Client& client = AClient();
        if (!client.reader.connected()) client.reader.Connect(latest_.values());
        client.reader.Receive(*rc::gen::inRange<size_t>(1, 1500), size_t{1} << 30);
        break;
      }
      case 5: {  // cut off at any byte
        Client& client = AClient();
        if (client.reader.connected()) {
          client.reader.Receive(*rc::gen::inRange<size_t>(1, 3000), *rc::gen::inRange<size_t>(0, 1500));
        }
        client.reader.Connect(latest_.values());
        break;
      }
      case 6:
        for (const auto& client : clients_) client->reader.Disconnect();
        latest_.Restart();
        break;
      case 7:
        catalog_ = catalog_ == "c1" ? "c2" : "c1";
        for (const std::string& account : kAccounts) {
          if (latest_.latest().contains({LatestTopic::kAccounts, account})) PublishAccount(account);
        }
        break;
      case 8: {
        Client& client = AClient();
        if (client.reader.connected()) client.reader.Heartbeat();
        break;
      }
      case 9: {
        const std::string alert = *rc::gen::element<std::string>("at_risk/", "falling/");
        const std::string key = *rc::gen::inRange(0, 4) == 0 ? "group/" + alert + *rc::gen::elementOf(kGroups)
                                                             : "account/" + alert + *rc::gen::elementOf(kAccounts);
        latest_.PublishAlert(key, *rc::gen::element<std::optional<bool>>(true, true, true, false, false, std::nullopt));
        break;
      }
    }
  }

  void CheckEnd() {
    latest_.ReadAll();
    for (const auto& client : clients_) {
      if (!client->reader.connected()) client->reader.Connect(latest_.values());
      client->reader.ReceiveAll();
      std::map<std::string, int64_t> expected;
      for (const auto& [key, update] : latest_.latest()) {
        if (!IsVisible(client->visibility, update) || !IsWanted(client->interest, update)) continue;
        expected[key.second] = update.source_offset();
      }
      RC_ASSERT(client->reader.known == expected);
      RC_ASSERT(client->reader.alerts == AlertsFor(client->interest.alerts, expected));
    }
  }

 private:
  // Those that are raised of whom the reader knows.
  std::map<std::string, std::map<std::string, int64_t>> AlertsFor(bool wanted,
                                                                  const std::map<std::string, int64_t>& known) const {
    std::map<std::string, std::map<std::string, int64_t>> alerts;
    for (const auto& [key, number] : latest_.raised()) {
      const ParsedAlertKey parsed = *ParseAlertKey(key);
      const std::string owner(parsed.owner_id);
      if (wanted && known.contains(owner)) alerts[owner][std::string(parsed.alert)] = number;
    }
    return alerts;
  }

  Client& AClient() { return *clients_[*rc::gen::inRange<size_t>(0, clients_.size())]; }

  v1::KpiUpdate Noted(v1::KpiUpdate update) {
    const std::set<std::string> groups = GroupsOfUpdate(update);
    ever_[update.group_id().empty() ? update.account_id() : update.group_id()].insert(groups.begin(), groups.end());
    return update;
  }

  void PublishAccount(const std::string& account) {
    latest_.Publish(Noted(AnUpdate(account, *rc::gen::elementOf(kManagers), 0, catalog_)));
  }

  static void CheckUpdate(const Client& client, const nlohmann::json& json) {
    v1::KpiUpdate update;
    update.set_account_id(json.at("account_id"));
    update.set_group_id(json.at("group_id"));
    if (json.contains("attributes")) {
      update.mutable_attributes()->set_manager_id(json.at("attributes").at("manager_id"));
    }
    RC_ASSERT(IsVisible(client.visibility, update));
    RC_ASSERT(IsWanted(client.interest, update));
  }

  const LatestLimits limits_;
  LatestWorld latest_;
  std::vector<std::unique_ptr<Client>> clients_;  // their streams end first
  std::string catalog_ = "c1";
  std::map<std::string, std::set<std::string>> ever_;  // the groups that a row has ever belonged to
};

TEST(SubscriptionPropertyTest, EveryReaderEndsUpKnowingWhatIsThere) {
  EXPECT_TRUE(rc::check("streams tell all, only that, and in order", [] {
    World world;
    const int steps = *rc::gen::inRange(1, 120);
    for (int i = 0; i < steps; ++i) world.Step();
    world.CheckEnd();
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

}  // namespace
}  // namespace keyfold
