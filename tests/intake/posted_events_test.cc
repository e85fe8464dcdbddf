// Bodies of requests -> events, by examples and by two properties.
#include "intake/posted_events.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "event/example_events.h"
#include "event/limits.h"

namespace keyfold {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::keyfold::testing::EuroDecoder;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::ExamplePayloads;
using ::keyfold::testing::Verdict;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Headers = std::vector<std::pair<std::string, std::string>>;
using Status = PostedStatus;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

absl::StatusOr<std::vector<PostedEvent>> Read(const std::string& body, const std::string& type,
                                              const Headers& more = {}) {
  Headers headers = more;
  if (!type.empty()) headers.emplace_back("Content-Type", type);
  return ReadPosted({headers, body}, *Currency::Parse("EUR"));
}

std::vector<PostedEvent> Posted(const std::string& body, const std::string& type = "application/json",
                                const Headers& more = {}) {
  auto events = Read(body, type, more);
  EXPECT_TRUE(events.ok()) << events.status();
  return events.ok() ? *std::move(events) : std::vector<PostedEvent>();
}

// The event in the record that is sent, as the worker reads it.
DecodedRecord AtWorker(const PostedEvent& posted) {
  Record record;
  if (!posted.account_id.empty()) record.key = posted.account_id;
  record.value = posted.value;
  record.headers = HeadersOf(posted);
  return EuroDecoder().Decode(record);
}

std::string Churned(const std::string& id, const std::string& account = "A1") {
  return absl::StrReplaceAll(EventJson("account_churned", R"("reason": "price")"),
                             {{"\"e1\"", "\"" + id + "\""}, {"\"A1\"", "\"" + account + "\""}});
}

std::string CloudEventOf(const std::string& data, const std::string& id = "7") {
  return absl::StrCat(R"({"specversion": "1.0", "source": "/crm", "type": "t", "id": ")", id, R"(", "data": )", data,
                      "}");
}

TEST(PostedEventsTest, OneEventMayStandOnSeveralLines) {
  const std::string pretty = absl::StrReplaceAll(Churned("e7"), {{", ", ",\n  "}});
  const std::vector<PostedEvent> events = Posted(pretty);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].status, Status::kValid) << events[0].reason;
  EXPECT_EQ(events[0].line, 1);
  EXPECT_EQ(events[0].event_id, "e7");
  EXPECT_EQ(events[0].account_id, "A1");
  EXPECT_EQ(HeadersOf(events[0]), (std::vector<RecordHeader>{{"content-type", "application/protobuf"}}));
}

TEST(PostedEventsTest, LinesAndListsAreJudgedEachForItself) {
  const std::string wrong = R"({"event_id": "e2", "account_id": "A1", "account_churned": {}})";
  for (const std::string type : {"application/json", "application/x-ndjson; charset=utf-8"}) {
    const auto events =
        Posted("\xef\xbb\xbf" + Churned("e1") + "\r\n\n" + wrong + "\nnonsense\n" + Churned("e4"), type);
    ASSERT_EQ(events.size(), 4u) << type;
    EXPECT_EQ(events[0].status, Status::kValid) << events[0].reason;
    EXPECT_EQ(events[1].status, Status::kRejected);
    EXPECT_EQ(events[1].line, 3);
    EXPECT_EQ(events[1].event_id, "e2");
    EXPECT_THAT(events[1].reason, StartsWith("occurred_at: "));
    EXPECT_THAT(events[2].reason, StartsWith("not JSON"));
    EXPECT_EQ(events[3].line, 5);
    EXPECT_EQ(events[3].event_id, "e4");
  }
  const auto listed = Posted("[" + Churned("e1") + ",\n" + wrong + ", 7]");
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].status, Status::kValid);
  EXPECT_EQ(listed[1].event_id, "e2");
  EXPECT_EQ(listed[2].status, Status::kRejected);
  EXPECT_EQ(listed[2].line, 3);
}

TEST(PostedEventsTest, CloudEventsOfAllModes) {
  const std::string data = R"({"account_id": "A1", "occurred_at": "2025-03-03T10:00:00Z", "account_churned": {}})";
  const auto structured = Posted(CloudEventOf(data), "application/cloudevents+json");
  const Headers attributes = {{"ce-specversion", "1.0"}, {"CE-Id", "7"}, {"ce-source", "%2Fcrm"}, {"ce-type", "t"}};
  const auto binary = Posted(data, "application/json", attributes);
  const auto batch = Posted("[" + CloudEventOf(data) + "," + CloudEventOf(Churned("e8", "A2")) + ",{}]",
                            "application/cloudevents-batch+json");
  ASSERT_EQ(batch.size(), 3u);
  for (const PostedEvent& event : {structured.at(0), binary.at(0), batch[0]}) {
    EXPECT_EQ(event.status, Status::kValid) << event.reason;
    EXPECT_EQ(event.event_id, "/crm#7");
    EXPECT_EQ(event.account_id, "A1");
    EXPECT_EQ(Verdict(AtWorker(event)), "valid");
  }
  EXPECT_EQ(batch[1].account_id, "A2");
  EXPECT_EQ(batch[2].line, 3);
  EXPECT_THAT(batch[2].reason, HasSubstr("specversion: missing"));
}

TEST(PostedEventsTest, ProtobufIsTaken) {
  const auto events = Posted(EventMessage(Churned("e1")).SerializeAsString(), "application/protobuf");
  EXPECT_EQ(events.at(0).status, Status::kValid) << events[0].reason;
}

TEST(PostedEventsTest, TheRequestsTraceGoesOn) {
  const Headers trace = {{"Traceparent", kTrace}};
  EXPECT_EQ(Posted(Churned("e1"), "application/json", trace).at(0).traceparent, kTrace);
  for (const bool batch : {false, true}) {
    const std::string body = CloudEventOf(Churned("e1"));
    const auto events = Posted(batch ? "[" + body + "]" : body,
                               batch ? "application/cloudevents-batch+json" : "application/cloudevents+json", trace);
    EXPECT_EQ(events.at(0).traceparent, kTrace);
    EXPECT_EQ(std::get<ValidEvent>(AtWorker(events[0])).traceparent(), kTrace);
  }
  EXPECT_EQ(Posted(Churned("e1"), "application/json", {{"traceparent", "nonsense"}}).at(0).traceparent, "");
}

TEST(PostedEventsTest, NoAccountIsErased) {
  const auto events = Posted(R"({"erase_account": "A1"})");
  EXPECT_EQ(events.at(0).status, Status::kRejected);
  EXPECT_THAT(events[0].reason, StartsWith("erase_account: "));
}

TEST(PostedEventsTest, WhatCannotBeReadIsAnError) {
  EXPECT_TRUE(absl::IsUnimplemented(Read(Churned("e1"), "text/plain").status()));
  EXPECT_TRUE(absl::IsUnimplemented(Read(Churned("e1"), "").status()));
  for (const std::string body : {"", "\n \r\n", "[]"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Read(body, "application/json").status())) << body;
  }
  for (const std::string body : {"", "{}", "[", "[]"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Read(body, "application/cloudevents-batch+json").status())) << body;
  }
  std::string lines;
  for (size_t i = 0; i < kPostedEventsMax; ++i) lines += "{}\n";
  EXPECT_EQ(Posted(lines, "application/x-ndjson").size(), kPostedEventsMax);
  EXPECT_TRUE(absl::IsOutOfRange(Read(lines + "{}", "application/x-ndjson").status()));
}

TEST(PostedEventsTest, AnEventIsNotLargerThanTheWorkerTakes) {
  const std::string large = Churned("e1", "A1") + std::string(kRecordBytesMax, ' ');
  EXPECT_THAT(Posted(large, "application/x-ndjson").at(0).reason, HasSubstr("the limit is"));
  EXPECT_THAT(Posted(CloudEventOf(large), "application/cloudevents+json").at(0).reason, HasSubstr("the limit is"));
}

// An event of any type, or what is nearly one.
std::string AnyJson() {
  const auto [payload, fields] = *rc::gen::elementOf(ExamplePayloads());
  std::string json = EventJson(payload, fields);
  const int cut = *rc::gen::inRange(0, 3 * static_cast<int>(json.size()));
  if (cut < static_cast<int>(json.size())) json.erase(static_cast<size_t>(cut), 1);
  return absl::StrReplaceAll(json, {{"\n", ""}});
}

// What a worker says of the same bytes in a record under the right key.
DecodedRecord InRecord(const std::string& json) {
  Record record;
  v1::AccountEvent event;
  const google::protobuf::util::JsonParseOptions options = [] {
    google::protobuf::util::JsonParseOptions ignoring;
    ignoring.ignore_unknown_fields = true;
    return ignoring;
  }();
  const bool read = google::protobuf::util::JsonStringToMessage(json, &event, options).ok();
  if (read && !event.account_id().empty()) record.key = event.account_id();
  record.value = json;
  record.headers = {{"content-type", "application/json"}};
  return EuroDecoder().Decode(record);
}

TEST(PostedEventsPropertyTest, AcceptedIsExactlyWhatTheDecoderTakes) {
  EXPECT_TRUE(rc::check("events that are posted", [] {
    std::vector<std::string> lines;
    std::string body;
    const int count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
      lines.push_back(AnyJson());
      absl::StrAppend(&body, lines.back(), "\n");
    }
    const auto events = Read(body, "application/x-ndjson");
    RC_ASSERT(events.ok());
    RC_ASSERT(events->size() == lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      const DecodedRecord expected = InRecord(lines[i]);
      const auto* const valid = std::get_if<ValidEvent>(&expected);
      RC_ASSERT(((*events)[i].status == Status::kValid) == (valid != nullptr));
      if (valid == nullptr) {
        RC_ASSERT((*events)[i].reason == std::get<Rejection>(expected).message);
        continue;
      }
      const DecodedRecord found = AtWorker((*events)[i]);
      RC_ASSERT(std::holds_alternative<ValidEvent>(found));
      RC_ASSERT(MessageDifferencer::Equals(*std::get<ValidEvent>(found), **valid));
    }
  }));
}

// So the fold takes the second one for a duplicate, whatever way it came.
TEST(PostedEventsPropertyTest, SentAgainInAnyShapeItIsTheSameEvent) {
  EXPECT_TRUE(rc::check("events that are posted again", [] {
    const auto [payload, fields] = *rc::gen::elementOf(ExamplePayloads());
    const std::string json = EventJson(payload, fields, R"("source": "crm")");
    const PostedEvent first = Posted(json).at(0);
    RC_ASSERT(first.status == Status::kValid);
    for (const PostedEvent& again :
         {Posted(json).at(0), Posted("[" + json + "]").at(0), Posted(json, "application/x-ndjson").at(0),
          Posted(CloudEventOf(json), "application/cloudevents+json").at(0),
          Posted("[" + CloudEventOf(json) + "]", "application/cloudevents-batch+json").at(0)}) {
      RC_ASSERT(again.status == Status::kValid);
      RC_ASSERT(again.event_id == first.event_id);
      RC_ASSERT(again.account_id == first.account_id);
      const DecodedRecord one = AtWorker(first);
      const DecodedRecord other = AtWorker(again);
      RC_ASSERT(MessageDifferencer::Equals(*std::get<ValidEvent>(one), *std::get<ValidEvent>(other)));
    }
  }));
}

}  // namespace
}  // namespace keyfold
