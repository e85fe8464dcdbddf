// The lists of the configuration file that say what comes in: hooks and inputs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/hook_keys.h"
#include "config/input_keys.h"

namespace keyfold {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<HookConfig> HooksIn(const std::string& yaml) {
  const absl::StatusOr<std::vector<HookConfig>> hooks = ReadHooks("f", YAML::Load(yaml)["hooks"]);
  EXPECT_TRUE(hooks.ok()) << hooks.status();
  return hooks.value_or(std::vector<HookConfig>());
}

// Without the file's name.
std::string HookComplaint(const std::string& yaml) {
  return std::string(ReadHooks("f", YAML::Load(yaml)["hooks"]).status().message()).substr(2);
}

TEST(HookKeysTest, HooksStandInTheFile) {
  const std::vector<HookConfig> hooks = HooksIn(R"(hooks:
  - {name: plain, mapping: m.yaml}
  - name: hubspot
    mapping: h.yaml
    signature: {header: S, secret_file: f, encoding: base64, prefix: "v3=", signed: "{method}{uri}{body}{timestamp}",
                uri: "https://x/", timestamp_header: T, age_s_max: 60})");
  ASSERT_EQ(hooks.size(), 2);
  EXPECT_EQ(hooks[0].name, "plain");
  EXPECT_EQ(hooks[0].mapping, "m.yaml");
  EXPECT_EQ(hooks[0].signature.header, "");
  const HookSignatureConfig& signature = hooks[1].signature;
  EXPECT_EQ(signature.header, "S");
  EXPECT_EQ(signature.secret_file, "f");
  EXPECT_EQ(signature.encoding, "base64");
  EXPECT_EQ(signature.prefix, "v3=");
  EXPECT_EQ(signature.signed_text, "{method}{uri}{body}{timestamp}");
  EXPECT_EQ(signature.uri, "https://x/");
  EXPECT_EQ(signature.timestamp_header, "T");
  EXPECT_EQ(signature.age_s_max, 60);
}

TEST(HookKeysTest, WrongHooksAreNamedWithTheirLine) {
  const auto complaint = [](const std::string& signature) {
    return HookComplaint("hooks:\n- name: a\n  mapping: m\n  signature: {header: S, " + signature + "}");
  };
  EXPECT_EQ(HookComplaint("hooks: 1"), "1: hooks: a list is expected");
  EXPECT_EQ(HookComplaint("hooks: [1]"), "1: hooks: a map is expected");
  EXPECT_THAT(HookComplaint("hooks:\n- {name: A, mapping: m}"), StartsWith("2: hooks: name: 'A' is not"));
  EXPECT_EQ(HookComplaint("hooks: [{name: a}]"), "1: hooks: mapping: it is missing");
  EXPECT_THAT(HookComplaint("hooks: [{name: a, maping: m}]"), HasSubstr("hooks.maping: there is no such key"));
  EXPECT_THAT(HookComplaint("hooks: [{name: a, mapping: [m]}]"), HasSubstr("a single value is expected"));
  EXPECT_THAT(HookComplaint("hooks: [{name: a, mapping: m}, {name: a, mapping: m}]"), HasSubstr("two of the name a"));
  EXPECT_THAT(HookComplaint("hooks: [{name: a, mapping: m, signature: S}]"), HasSubstr("a map is expected"));
  EXPECT_THAT(HookComplaint("hooks: [{name: a, mapping: m, signature: {secret: s}}]"),
              HasSubstr("header: it is missing"));
  EXPECT_THAT(complaint("secrets: s"), StartsWith("4: hooks.signature.secrets: there is no such key"));
  EXPECT_THAT(complaint("prefix: p"), HasSubstr("either secret or secret_file"));
  EXPECT_THAT(complaint("secret: s, secret_file: f"), HasSubstr("either secret or secret_file"));
  EXPECT_THAT(complaint("secret: s, encoding: octal"), HasSubstr("'octal' is none of"));
  EXPECT_THAT(complaint("secret: s, age_s_max: 0"), HasSubstr("'0' is not an integer"));
  EXPECT_THAT(complaint("secret: s, signed: '{time}{body}'"), HasSubstr("'{time}' is none of"));
  EXPECT_THAT(complaint("secret: s, signed: '{body'"), HasSubstr("signed: a { has no }"));
  EXPECT_THAT(complaint("secret: s, signed: '{method}'"), HasSubstr("{body} is missing"));
  EXPECT_THAT(complaint("secret: s, signed: '{uri}{body}'"), HasSubstr("uri: needed"));
  EXPECT_THAT(complaint("secret: s, uri: 'https://x/'"), HasSubstr("uri: needed"));
  EXPECT_THAT(complaint("secret: s, signed: '{timestamp}{body}'"), HasSubstr("timestamp_header: needed"));
  EXPECT_THAT(complaint("secret: s, timestamp_header: T"), HasSubstr("timestamp_header: needed"));
}

TEST(InputKeysTest, InputsAreTopicsWithTheirMappings) {
  const auto read = [](const std::string& yaml) { return ReadInputs("f", YAML::Load(yaml)); };
  const std::vector<InputConfig> inputs = read("[{topic: crm.deals, mapping: m.yaml}, {topic: erp}]").value();
  ASSERT_EQ(inputs.size(), 2u);
  EXPECT_EQ(inputs[0].topic, "crm.deals");
  EXPECT_EQ(inputs[0].mapping, "m.yaml");
  EXPECT_EQ(inputs[1].mapping, "");
  const auto complaint = [&read](const std::string& yaml) { return std::string(read(yaml).status().message()); };
  EXPECT_EQ(complaint("1"), "f:1: inputs: a list is expected");
  EXPECT_EQ(complaint("[1]"), "f:1: inputs: a map is expected");
  EXPECT_EQ(complaint("- mapping: m"), "f:1: inputs: topic: it is missing");
  EXPECT_EQ(complaint("- topic: [a]"), "f:1: inputs.topic: a single value is expected");
  EXPECT_EQ(complaint("- topic: a\n  maping: m"), "f:2: inputs.maping: there is no such key, did you mean mapping?");
  EXPECT_EQ(complaint("- topic: a\n- topic: a"), "f:2: inputs: there are two of a");
}

}  // namespace
}  // namespace keyfold
