// Two gateways, each with one of the two shards: either answers what one with both answers, to whoever asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/api_world.h"
#include "peers/peers.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kSince[] = "2026-01-05T12:00:00Z";

// A1 and A3 are in partition 1, A2 is in partition 0.
const std::vector<std::string> kQuestions = {
    "/v1/accounts/A1?as_of=2026-01-03",
    "/v1/accounts/A2?as_of=2026-01-03&kpis=revenue_t12m",
    "/v1/accounts/A1/series?kpis=revenue_t12m&from=2026-01-01&step=day",
    "/v1/accounts/A2/series?from=2026-01-01&to=2026-01-04&step=day",
    "/v1/accounts/A1/explain/revenue_t12m",
    "/v1/accounts/A2/explain/revenue_t12m?since=2026-01-01&limit=1",
    "/v1/groups/manager:M7?as_of=2026-01-03",
    "/v1/groups/manager:M7?as_of=2026-01-05",
    "/v1/groups/portfolio:all/series?kpis=revenue_t12m,nps&from=2026-01-01&step=day",
    "/v1/groups/manager:M8/series?from=2026-01-01&to=2026-01-05&step=day",
    "/v1/groups/manager:M7/explain/revenue_t12m",
    "/v1/groups/portfolio:all/explain/revenue_t12m?limit=1",
    "/v1/groups/portfolio:all/explain/health_score?since=2026-01-02&limit=2",
    "/v1/formula?formula=sum(revenue,%20trailing%203%20d)&id=A1,manager:M7,A2,A3,portfolio:all&unit=money",
    "/v1/formula?formula=nps&id=A2&from=2026-01-01&step=day",
};

class ElsewhereTest : public ApiTest {
 protected:
  // One of the processes.
  struct Gateway {
    Gateway(ElsewhereTest& test, const std::string& name, size_t partition)
        : owners(name, absl::StrCat("https://", name)),
          peers(
              owners, [&test](const HttpCall& call) { return test.Call(call); }, absl::Seconds(1)),
          sources(test.Sources()),
          shards(std::make_shared<const ProjectionReader>(test.world_.Open({partition}))) {
      sources.peers = &peers;
      sources.shards = [this]() -> absl::StatusOr<std::shared_ptr<const ProjectionReader>> {
        if (shards == nullptr) return absl::NotFoundError("no shards in keyfold-state");
        return shards;
      };
      owners.Say(absl::OkStatus());
    }

    PartitionOwners owners;
    Peers peers;
    ApiSources sources;
    std::shared_ptr<const ProjectionReader> shards;
  };

  ElsewhereTest() {
    for (Gateway* gateway : {&a_, &b_, &far_}) {
      gateway->owners.Take({0, "a", "https://a", kSince});
      gateway->owners.Take({1, "b", "https://b", kSince});
    }
    far_.shards = nullptr;
  }

  static Principal WhoIs(const std::string& authorization) {
    return authorization == "Bearer M7" ? Manager() : LocalPrincipal();
  }

  static HttpResponse AnswerOf(const Gateway& gateway, const std::string& target, const HttpFields& headers) {
    HttpRequest request;
    request.method = "GET";
    request.headers = headers;
    request.target = *ParseTarget(target);
    const std::string* const authorization = request.Header("Authorization");
    request.who = WhoIs(authorization == nullptr ? "" : *authorization);
    return Api(gateway.sources).Answer(request);
  }

  absl::StatusOr<HttpReply> Call(const HttpCall& call) {
    ++calls_;
    const Gateway& gateway = absl::StartsWith(call.url, "https://a/") ? a_ : b_;
    if (&gateway == down_) return absl::UnavailableError("connection refused");
    const HttpResponse response = AnswerOf(gateway, call.url.substr(std::string("https://a").size()), call.headers);
    return HttpReply{response.status, {{"Content-Type", response.content_type}}, *response.body};
  }

  // What is said, but for the moments of shards that have no part in it.
  static PlainJson Said(const HttpResponse& response) {
    PlainJson json = PlainJson::parse(*response.body);
    if (json.contains("account_id") || json.contains("values")) json.erase("shards");
    return json;
  }

  void ExpectTheSame(const HttpFields& headers, const Principal& who) {
    for (const std::string& question : kQuestions) {
      const HttpResponse whole = Get(question, who);
      for (const Gateway* gateway : {&a_, &b_, &far_}) {
        const HttpResponse response = AnswerOf(*gateway, question, headers);
        EXPECT_EQ(response.status, whole.status) << question << ": " << *response.body;
        EXPECT_EQ(Said(response), Said(whole)) << question;
        EXPECT_EQ(response.content_type, "application/json");
      }
    }
  }

  void ExpectSaid(const Gateway& gateway, const std::string& question, int status,
                  const ::testing::Matcher<std::string>& what) {
    const HttpResponse response = AnswerOf(gateway, question, {});
    EXPECT_EQ(response.status, status) << question;
    EXPECT_THAT(*response.body, what) << question;
  }

  Gateway a_{*this, "a", 0};
  Gateway b_{*this, "b", 1};
  Gateway far_{*this, "far", 0};  // without shards
  const Gateway* down_ = nullptr;
  int calls_ = 0;
};

TEST_F(ElsewhereTest, EveryGatewayAnswersWhatOneWithAllShardsAnswers) {
  ExpectTheSame({}, LocalPrincipal());
  EXPECT_GT(calls_, 0);
}

TEST_F(ElsewhereTest, EveryGatewayShowsATokenTheSame) {
  ExpectTheSame({{"Authorization", "Bearer M7"}}, Manager());
  EXPECT_EQ(AnswerOf(a_, "/v1/accounts/A3/explain/nps", {{"Authorization", "Bearer M7"}}).status, 404);
}

TEST_F(ElsewhereTest, AShardThatCannotBeReachedIsSaid) {
  down_ = &b_;
  const auto said = AllOf(HasSubstr("partition 1, which b (https://b) has had since 2026-01-05T12:00:00Z"),
                          HasSubstr("connection refused"));
  ExpectSaid(a_, "/v1/accounts/A1/series?from=2026-01-01", 503, said);
  ExpectSaid(a_, "/v1/groups/portfolio:all/explain/revenue_t12m", 503, said);
  ExpectSaid(a_, "/v1/groups/manager:M7?as_of=2026-01-05", 503, said);
  ExpectSaid(a_, "/v1/formula?formula=nps&id=A2,A1", 503, said);
  ExpectSaid(a_, "/v1/accounts/A2/series?from=2026-01-01", 200, HasSubstr("points"));
}

TEST_F(ElsewhereTest, GatewaysDoNotAskInACircle) {
  for (Gateway* gateway : {&a_, &b_}) {
    const bool is_a = gateway == &a_;
    gateway->owners.Take({is_a ? 1 : 0, is_a ? "b" : "a", is_a ? "https://b" : "https://a", kSince});
    gateway->owners.Take({is_a ? 0 : 1, is_a ? "b" : "a", is_a ? "https://b" : "https://a", kSince});
  }
  ExpectSaid(a_, "/v1/accounts/A2/series?from=2026-01-01", 503, HasSubstr("A2 is in none of the shards"));
  EXPECT_EQ(calls_, 1);
}

TEST_F(ElsewhereTest, AShardThatMovesIsNotCountedTwiceAndOneThatNobodyHasIsMissed) {
  b_.shards = std::make_shared<const ProjectionReader>(world_.Open());  // and has not heard yet that a has taken it
  ExpectSaid(a_, "/v1/groups/portfolio:all?as_of=2026-01-05", 503, HasSubstr("partition 0 moves"));
  b_.shards = a_.shards;
  ExpectSaid(far_, "/v1/groups/portfolio:all?as_of=2026-01-05", 503, HasSubstr("partition 0 moves"));
  b_.shards = nullptr;
  ExpectSaid(a_, "/v1/groups/portfolio:all?as_of=2026-01-05", 503, HasSubstr("no shards in keyfold-state"));
  Gateway alone(*this, "a", 0);
  ExpectSaid(alone, "/v1/groups/portfolio:all?as_of=2026-01-05", 503,
             HasSubstr("\"error\":\"the shards of partitions 1"));
}

TEST_F(ElsewhereTest, ShardsOfDifferentDaysAnswerOfTheLatest) {
  const std::string question = "/v1/groups/portfolio:all/series?kpis=revenue_t12m&from=2026-01-04&step=day";
  world_.Add(Invoice("A2", "2026-01-06", 500), "2026-01-06");  // only partition 0 gets to the next day
  a_.shards = std::make_shared<const ProjectionReader>(world_.Open({0}));
  for (const Gateway* gateway : {&a_, &b_, &far_}) {
    const PlainJson json = PlainJson::parse(*AnswerOf(*gateway, question, {}).body);
    ASSERT_EQ(json["points"].size(), 3u) << json;
    EXPECT_EQ(json["points"][2]["as_of"], "2026-01-06");
    EXPECT_EQ(json["points"][2]["kpis"]["revenue_t12m"], 236.0);
    EXPECT_EQ(json["shards"].size(), 2u);
  }
}

TEST_F(ElsewhereTest, NothingIsAnsweredBeforeItIsKnownWhoHasWhat) {
  a_.owners.Say(absl::UnavailableError("who has which partition has not been read yet"));
  ExpectSaid(a_, "/v1/accounts/A1/series?from=2026-01-01", 503, HasSubstr("has not been read yet"));
}

TEST_F(ElsewhereTest, OfAGatewayNothingElseCanBeWanted) {
  const HttpResponse response = AnswerOf(a_, "/v1/groups/manager:M7/series?from=2026-01-01", {{"Keyfold-Asks", "all"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(*response.body, HasSubstr("there is no 'all'"));
  const HttpResponse unseen = AnswerOf(a_, "/v1/groups/manager:M8/explain/revenue_t12m",
                                       {{"Keyfold-Asks", "share"}, {"Authorization", "Bearer M7"}});
  EXPECT_EQ(unseen.status, 404);
}

}  // namespace
}  // namespace keyfold
