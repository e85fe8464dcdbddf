#include "engine/dead_letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace keyfold {
namespace {

using ::testing::ElementsAre;

constexpr char kTopic[] = "account-events";

struct Input {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<RecordHeader> headers;
};

OutputRecord LetterOf(const Input& input, const std::string& message = "key: is empty") {
  Record record;
  record.partition = 3;
  record.offset = 1'234;
  record.timestamp_ms = 77;
  if (input.key.has_value()) record.key = *input.key;
  if (input.value.has_value()) record.value = *input.value;
  record.headers = input.headers;
  return DeadLetterOf(record, {RejectionCode::kInvalid, message}, kTopic);
}

std::optional<std::string> HeaderOf(const OutputRecord& letter, const std::string& name) {
  std::optional<std::string> value;
  for (const RecordHeader& header : letter.headers) {
    if (header.name == name) value = header.value;
  }
  return value;
}

std::vector<std::string> NamesOf(const OutputRecord& letter) {
  std::vector<std::string> names;
  for (const RecordHeader& header : letter.headers) names.push_back(header.name);
  return names;
}

TEST(DeadLetterTest, IsTheRecordWithHeadersThatSayWhy) {
  const Input input = {"A1", "value", {{"source", "crm"}, {"null", std::nullopt}}};
  OutputRecord letter = LetterOf(input);
  EXPECT_EQ(letter.topic, OutputTopic::kDeadLetters);
  EXPECT_EQ(letter.key, "A1");
  EXPECT_EQ(letter.value, "value");
  EXPECT_EQ(letter.timestamp_ms, 77);
  EXPECT_THAT(letter.headers,
              ElementsAre(input.headers[0], input.headers[1], RecordHeader{"error.code", "invalid"},
                          RecordHeader{"error.message", "key: is empty"}, RecordHeader{"error.topic", kTopic},
                          RecordHeader{"error.partition", "3"}, RecordHeader{"error.offset", "1234"}));
  const OutputRecord before = letter;
  CutDeadLetter(kDeadLetterBytesMin, &letter);
  EXPECT_EQ(letter.headers, before.headers) << "it fits";
}

TEST(DeadLetterTest, WhereItIsTooLargeTheEndOfTheValueGoes) {
  const std::string value = std::string(50'000, 'x') + std::string(50'000, 'y');
  OutputRecord letter = LetterOf({"A1", value, {{"source", "crm"}}});
  CutDeadLetter(60'000, &letter);
  EXPECT_LE(BytesOf(letter), 60'000u);
  EXPECT_GT(BytesOf(letter), 59'000u) << "as much as fits";
  EXPECT_EQ(*letter.value, value.substr(0, letter.value->size()));
  EXPECT_THAT(NamesOf(letter), ElementsAre("source", "error.code", "error.message", "error.topic", "error.partition",
                                           "error.offset", "error.original_size", "error.original_xxh3", "error.cut"));
  EXPECT_EQ(HeaderOf(letter, "error.original_size"), "100000");
  EXPECT_EQ(HeaderOf(letter, "error.cut"), "value");
}

TEST(DeadLetterTest, TheHashIsTheOneThatXxhsumPrints) {
  // printf %2000s | xxhsum -H3
  OutputRecord letter = LetterOf({"A1", std::string(2'000, ' '), {}});
  CutDeadLetter(kDeadLetterBytesMin, &letter);
  EXPECT_EQ(HeaderOf(letter, "error.original_xxh3"), "8e3dc07bbacc4412");
}

TEST(DeadLetterTest, HeadersKeyAndMessageAreCutLast) {
  OutputRecord letter = LetterOf({"A1", "v", {{"large", std::string(5'000, 'h')}}});
  CutDeadLetter(2'000, &letter);
  EXPECT_EQ(letter.key, "A1");
  EXPECT_EQ(letter.value, "v");
  EXPECT_EQ(HeaderOf(letter, "large"), std::nullopt);
  EXPECT_EQ(HeaderOf(letter, "error.cut"), "headers");

  letter = LetterOf({std::string(5'000, 'k'), std::nullopt, {}}, std::string(5'000, 'm'));
  CutDeadLetter(2'000, &letter);
  EXPECT_EQ(letter.value, std::nullopt);
  EXPECT_GT(letter.key->size(), 500u);
  EXPECT_GT(HeaderOf(letter, "error.message")->size(), 500u);
  EXPECT_EQ(HeaderOf(letter, "error.original_size"), std::nullopt);
  EXPECT_EQ(HeaderOf(letter, "error.cut"), "message, key");
}

TEST(DeadLetterTest, ARecordOfAnySizeMakesALetterThatIsNot) {
  const std::string value(kDeadLetterBytesMax + 1, 'x');
  OutputRecord letter = LetterOf({"A1", value, {}});
  EXPECT_LE(BytesOf(letter), kDeadLetterBytesMax);
  EXPECT_EQ(HeaderOf(letter, "error.cut"), "value");
  const std::optional<std::string> hash = HeaderOf(letter, "error.original_xxh3");
  CutDeadLetter(10'000, &letter);  // again
  EXPECT_LE(BytesOf(letter), 10'000u);
  EXPECT_EQ(HeaderOf(letter, "error.original_size"), std::to_string(value.size()));
  EXPECT_EQ(HeaderOf(letter, "error.original_xxh3"), hash);
  EXPECT_EQ(letter.headers.size(), 8u);
}

RC_GTEST_PROP(DeadLetterProperty, EveryLetterFitsAndKeepsWhatItIsAbout, ()) {
  const auto text = [](size_t bytes_max) { return std::string(*rc::gen::inRange<size_t>(0, bytes_max), 'x'); };
  Input input;
  if (*rc::gen::arbitrary<bool>()) input.key = text(4'000);
  if (*rc::gen::arbitrary<bool>()) input.value = text(8'000);
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) input.headers.push_back({text(300), text(3'000)});
  // As a record may carry that was a dead letter before.
  if (*rc::gen::arbitrary<bool>()) input.headers.push_back({"error.cut", "value"});
  OutputRecord letter = LetterOf(input, text(2'000));
  const OutputRecord whole = letter;
  size_t bytes_max = 20'000;
  for (int cuts = *rc::gen::inRange(1, 4); cuts > 0; --cuts) {
    bytes_max = *rc::gen::inRange(kDeadLetterBytesMin, bytes_max + 1);
    CutDeadLetter(bytes_max, &letter);
    RC_ASSERT(BytesOf(letter) <= bytes_max);
  }
  RC_ASSERT(letter.key.has_value() == whole.key.has_value());
  RC_ASSERT(letter.value.has_value() == whole.value.has_value());
  RC_ASSERT(HeaderOf(letter, "error.topic") == kTopic);
  RC_ASSERT(HeaderOf(letter, "error.partition") == "3");
  RC_ASSERT(HeaderOf(letter, "error.offset") == "1234");
  if (BytesOf(whole) <= bytes_max) {
    RC_ASSERT(letter.headers == whole.headers);
    RC_ASSERT(letter.value == whole.value);
  } else if (whole.value.has_value()) {
    RC_ASSERT(HeaderOf(letter, "error.original_size") == std::to_string(whole.value->size()));
  }
}

}  // namespace
}  // namespace keyfold
