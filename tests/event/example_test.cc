#include "event/example.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "event/example_events.h"
#include "event/json_inspection.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kNoon = absl::FromUnixMillis(1'780'315'200'250);

// Every field is there, at every depth: a producer sees what there is.
void ExpectFilled(const google::protobuf::Message& message, const std::string& type) {
  const google::protobuf::Descriptor& descriptor = *message.GetDescriptor();
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* const field = descriptor.field(i);
    if (field->is_repeated()) {
      EXPECT_GT(reflection.FieldSize(message, field), 0) << type << " " << field->full_name();
      if (field->message_type() != nullptr) ExpectFilled(reflection.GetRepeatedMessage(message, field, 0), type);
      continue;
    }
    EXPECT_TRUE(reflection.HasField(message, field)) << type << " " << field->full_name();
    if (field->message_type() != nullptr && descriptor.full_name().rfind("google.", 0) != 0) {
      if (field->message_type()->full_name() != "google.protobuf.Timestamp") {
        ExpectFilled(reflection.GetMessage(message, field), type);
      }
    }
  }
}

TEST(ExampleTest, OfEveryTypeThereIsAValidOneWithAllFields) {
  ASSERT_EQ(EventTypes().size(), testing::ExamplePayloads().size());
  for (const std::string& type : EventTypes()) {
    const absl::StatusOr<std::string> json = ExampleEvent(type, "A \"1\"", kNoon);
    ASSERT_TRUE(json.ok()) << json.status();
    const DecodedRecord decoded = testing::EuroDecoder().DecodeJsonLine(*json);
    ASSERT_EQ(testing::Verdict(decoded), "valid") << *json;
    EXPECT_THAT(FindUnknownFields(*json, 5), IsEmpty()) << *json;
    EXPECT_EQ(json->find('\n'), std::string::npos);
    const v1::AccountEvent& event = *std::get<ValidEvent>(decoded);
    const google::protobuf::FieldDescriptor* const payload = event.GetDescriptor()->FindFieldByName(type);
    ASSERT_TRUE(event.GetReflection()->HasField(event, payload)) << *json;
    ExpectFilled(event.GetReflection()->GetMessage(event, payload), type);
    EXPECT_EQ(event.account_id(), testing::IsControlPayload(type) ? "" : "A \"1\"");
    EXPECT_EQ(event.occurred_at().seconds(), 1'780'315'200);
    EXPECT_EQ(event.occurred_at().nanos(), 250'000'000);
    EXPECT_EQ(event.event_id(), "new-" + type + "-1780315200250");
  }
}

TEST(ExampleTest, AnUnknownTypeIsRefusedWithTheNearest) {
  const absl::StatusOr<std::string> json = ExampleEvent("invoice_isued", "A1", kNoon);
  EXPECT_EQ(json.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(json.status().message()), HasSubstr("did you mean invoice_issued?"));
}

}  // namespace
}  // namespace keyfold
