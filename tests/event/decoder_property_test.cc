// Properties: no bytes crash the decoder, and every format of a valid event leads to the same message.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "event/decoder.h"
#include "event/example_events.h"

namespace keyfold {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::keyfold::testing::ConfluentFrame;
using ::keyfold::testing::DecodeBytes;
using ::keyfold::testing::EuroDecoder;
using ::keyfold::testing::EventJson;
using ::keyfold::testing::EventMessage;
using ::keyfold::testing::ExamplePayloads;
using ::keyfold::testing::Verdict;

// Runs a property and tells GoogleTest about a failure.
template <typename Property>
void CheckProperty(const char* description, Property property) {
  EXPECT_TRUE(rc::check(description, property));
}

v1::AccountEvent AnyExample() {
  const auto [payload, fields] = *rc::gen::elementOf(ExamplePayloads());
  return EventMessage(EventJson(payload, fields));
}

std::string AnyId() {
  const auto letter = rc::gen::elementOf(std::vector<std::string>{"a", "Z", "0", "-", " ", "\"", "\\", "\n", "\u00fc"});
  const int size = *rc::gen::inRange(1, 60);
  std::string id;
  for (int i = 0; i < size; ++i) id += *letter;
  return id;
}

// A valid event whose envelope is arbitrary, and its amounts where it has lines.
v1::AccountEvent AnyValidEvent() {
  v1::AccountEvent event = AnyExample();
  event.set_event_id(AnyId());
  if (!event.account_id().empty()) event.set_account_id(AnyId());
  event.mutable_occurred_at()->set_seconds(*rc::gen::inRange<int64_t>(0, 7'289'654'400));
  event.mutable_occurred_at()->set_nanos(*rc::gen::inRange(0, 1'000'000'000));
  event.set_revision(*rc::gen::arbitrary<uint32_t>());
  event.set_retracted(*rc::gen::arbitrary<bool>());
  event.set_correlation_id(AnyId());
  if (event.has_order_placed()) {
    for (v1::Line& line : *event.mutable_order_placed()->mutable_lines()) {
      line.set_quantity(*rc::gen::arbitrary<int64_t>());
      line.mutable_net()->set_minor(*rc::gen::inRange<int64_t>(-1'000'000'000'000'000, 1'000'000'000'000'001));
    }
  }
  return event;
}

std::string ToJson(const v1::AccountEvent& event) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = *rc::gen::arbitrary<bool>();
  options.add_whitespace = *rc::gen::arbitrary<bool>();
  options.always_print_enums_as_ints = *rc::gen::arbitrary<bool>();
  std::string json;
  RC_ASSERT(google::protobuf::util::MessageToJsonString(event, &json, options).ok());
  return json;
}

// A decoder's answer holds together: a rejection says why, and what is valid decodes to itself once more.
void ExpectSound(const DecodedRecord& decoded) {
  if (const auto* rejection = std::get_if<Rejection>(&decoded)) {
    RC_ASSERT(!rejection->message.empty());
  } else if (const auto* event = std::get_if<ValidEvent>(&decoded)) {
    const std::string bytes = (*event)->SerializeAsString();
    const DecodedRecord again = DecodeBytes((*event)->account_id(), bytes);
    RC_ASSERT(Verdict(again) == "valid");
    RC_ASSERT(std::get<ValidEvent>(again)->SerializeAsString() == bytes);
  }
}

TEST(DecoderPropertyTest, EveryFormatOfAValidEventDecodesToIt) {
  CheckProperty("formats agree", [] {
    const v1::AccountEvent event = AnyValidEvent();
    const std::string protobuf = event.SerializeAsString();
    const std::string json = ToJson(event);
    for (const std::string& bytes : {protobuf, ConfluentFrame(protobuf), json}) {
      const DecodedRecord decoded = DecodeBytes(event.account_id(), bytes);
      RC_ASSERT(Verdict(decoded) == "valid");
      RC_ASSERT(MessageDifferencer::Equals(*std::get<ValidEvent>(decoded), event));
    }
    const DecodedRecord line = EuroDecoder().DecodeJsonLine(json);
    RC_ASSERT(Verdict(line) == "valid");
    RC_ASSERT(MessageDifferencer::Equals(*std::get<ValidEvent>(line), event));
  });
}

// What an event says itself is not touched by the CloudEvent around it.
TEST(DecoderPropertyTest, EveryModeOfACloudEventDecodesToItsEvent) {
  CheckProperty("modes agree", [] {
    v1::AccountEvent event = AnyValidEvent();
    event.set_source(AnyId());
    const std::string json = ToJson(event);
    const std::string structured =
        R"({"specversion": "1.0", "id": "i", "source": "s", "type": "t", "data": )" + json + "}";
    Record record;
    record.key = event.account_id();
    const auto expect_event = [&](const auto& decoded) {
      RC_ASSERT(std::holds_alternative<ValidEvent>(decoded));
      RC_ASSERT(MessageDifferencer::Equals(*std::get<ValidEvent>(decoded), event));
    };
    record.headers = {{"content-type", "application/cloudevents+json"}};
    record.value = structured;
    expect_event(EuroDecoder().Decode(record));
    record.headers = {{"ce_specversion", "1.0"}, {"ce_id", "i"}, {"ce_source", "s"}, {"ce_type", "t"}};
    for (const std::string& bytes : {json, event.SerializeAsString()}) {
      record.value = bytes;
      expect_event(EuroDecoder().Decode(record));
    }
    const std::string batch = "[" + structured + "," + structured + "]";
    record.headers = {{"content-type", "application/cloudevents-batch+json"}};
    record.value = batch;
    const DecodedRecord decoded = EuroDecoder().Decode(record);
    if (event.account_id().empty()) {
      for (const auto& each : std::get<EventList>(decoded).events) RC_ASSERT(std::holds_alternative<Rejection>(each));
    } else {
      for (const auto& each : std::get<EventList>(decoded).events) expect_event(each);
    }
  });
}

TEST(DecoderPropertyTest, AnyBytesAreAnswered) {
  CheckProperty("any bytes", [](const std::string& bytes, const std::string& key) {
    ExpectSound(DecodeBytes(key, bytes));
    ExpectSound(DecodeBytes(key, bytes, "application/json"));
    ExpectSound(DecodeBytes(key, bytes, "application/protobuf"));
    ExpectSound(DecodeBytes(key, ConfluentFrame(bytes)));
    ExpectSound(EuroDecoder().DecodeJsonLine(bytes));
  });
}

// Nearly valid bytes go deeper than random ones.
TEST(DecoderPropertyTest, DamagedEventsAreAnswered) {
  CheckProperty("damaged events", [] {
    const v1::AccountEvent event = AnyValidEvent();
    const bool as_json = *rc::gen::arbitrary<bool>();
    std::string bytes = as_json ? ToJson(event) : event.SerializeAsString();
    const int damages = *rc::gen::inRange(1, 4);
    for (int i = 0; i < damages; ++i) {
      const size_t position = *rc::gen::inRange<size_t>(0, bytes.size());
      bytes[position] = *rc::gen::arbitrary<char>();
    }
    if (*rc::gen::arbitrary<bool>()) bytes.resize(*rc::gen::inRange<size_t>(0, bytes.size()));
    ExpectSound(DecodeBytes(event.account_id(), bytes, as_json ? "application/json" : "application/protobuf"));
    ExpectSound(DecodeBytes(event.account_id(), bytes));
    if (as_json) ExpectSound(EuroDecoder().DecodeJsonLine(bytes));
  });
}

TEST(DecoderPropertyTest, ASecondPayloadIsAlwaysRefused) {
  CheckProperty("two payloads", [] {
    const v1::AccountEvent event = AnyValidEvent();
    v1::AccountEvent other = AnyExample();
    other.clear_event_id();
    other.clear_account_id();
    other.clear_occurred_at();
    const std::string bytes = event.SerializeAsString() + other.SerializeAsString();
    RC_ASSERT(Verdict(DecodeBytes(event.account_id(), bytes)) == "invalid payload: more than one");
  });
}

}  // namespace
}  // namespace keyfold
