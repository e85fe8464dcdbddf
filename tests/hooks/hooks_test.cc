#include "hooks/hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMapping[] = R"yaml(name: shop
source: {type: json, records: invoices}
columns: {amount: decimal}
account: customer
group: invoice
skip: {a draft: status = "draft"}
rows:
  - invoice_issued:
      at: first(at)
      invoice_id: invoice
      lines: {line_id: line, sale_type: BASE, quantity: 1, net: {EUR: amount}}
order: line
)yaml";

class HooksTest : public ::testing::Test {
 protected:
  void SetUp() override { Write(kMapping); }
  void TearDown() override { std::remove(config_.mapping.c_str()); }

  void Write(const std::string& yaml) const { std::ofstream(config_.mapping) << yaml; }

  absl::StatusOr<Hooks> Open() const { return Hooks::Open({config_}, Currency::Parse("EUR").value()); }

  HookConfig config_{.name = "shop", .mapping = testing::TempDir() + "hooks_test.yaml", .signature = {}};
};

constexpr char kRows[] = R"({"invoices": [
  {"customer": "A2", "invoice": "2", "line": "1", "at": "2025-03-03", "amount": 5},
  {"customer": "A1", "invoice": "1", "line": "2", "at": "2025-03-03", "amount": "2.005"},
  {"customer": "A1", "invoice": "1", "line": "1", "at": "2025-03-03", "amount": 10.10},
  {"customer": "A1", "invoice": "3", "line": "1", "at": "2025-03-03", "amount": "many"},
  {"customer": "A1", "invoice": "4", "status": "draft"},
  {"customer": "", "invoice": "5", "line": "1", "at": "2025-03-03", "amount": 1},
  {"customer": "A3", "invoice": "6", "line": "1", "at": "", "amount": 1}]})";

TEST_F(HooksTest, RowsBecomeEventsEachWithItsPlace) {
  const Hooks hooks = Open().value();
  const Hook* const hook = hooks.Find("shop");
  ASSERT_NE(hook, nullptr);
  const Hook::Mapped mapped = hook->Map(kRows, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").value();
  EXPECT_EQ(mapped.left_out, 1);
  std::vector<std::string> outcomes;
  for (const PostedEvent& event : mapped.events) {
    outcomes.push_back(
        absl::StrCat(event.line, " ", event.event_id, " ", std::string(NameOf(event.status)), " ", event.reason));
  }
  EXPECT_THAT(outcomes, ElementsAre("1 shop:invoice_issued:2 valid ", "2 shop:invoice_issued:1 valid ",
                                    AllOf(HasSubstr("4  rejected amount "), HasSubstr("'many'")),
                                    HasSubstr("6  rejected customer is empty"), HasSubstr("7  rejected ")));
  const PostedEvent& first = mapped.events[1];
  EXPECT_EQ(first.account_id, "A1");
  EXPECT_EQ(first.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  v1::AccountEvent event;
  ASSERT_TRUE(event.ParseFromString(first.value));
  ASSERT_EQ(event.invoice_issued().lines_size(), 2);  // by their order, whatever that of the rows is
  EXPECT_EQ(event.invoice_issued().lines(0).net().minor(), 1'010);
  EXPECT_EQ(event.invoice_issued().lines(1).net().minor(), 201);
  const HookCounts counts = hook->counts();
  EXPECT_EQ(counts.events, 2);
  EXPECT_EQ(counts.rejected, 3);
  EXPECT_EQ(counts.left_out, 1);
  EXPECT_EQ(hooks.Find("other"), nullptr);
}

TEST_F(HooksTest, ADocumentAloneIsARow) {
  Write("name: one\nsource: json\naccount: id\nkey: id\nrows: [{account_churned: {at: at}}]\n");
  const Hooks hooks = Open().value();
  const Hook& hook = *hooks.all()[0];
  const auto lines = [&hook](const std::string& body) {
    std::string text;
    const Hook::Mapped mapped = hook.Map(body, "").value();
    for (const PostedEvent& event : mapped.events) {
      absl::StrAppend(&text, event.line, event.account_id, " ");
    }
    return text;
  };
  EXPECT_EQ(lines(R"({"id": "A1", "at": "2025-03-03"})"), "1A1 ");
  EXPECT_EQ(lines(R"([{"id": "A2", "at": "2025-03-03"}, {"id": "A1", "at": "2025-03-03"}])"), "1A2 2A1 ");
  EXPECT_EQ(lines("[]"), "");
}

TEST_F(HooksTest, WhatIsNoDocumentIsRefused) {
  const Hooks hooks = Open().value();
  const Hook& hook = *hooks.all()[0];
  EXPECT_TRUE(absl::IsInvalidArgument(hook.Map("", "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(hook.Map("{", "").status()));
  EXPECT_THAT(std::string(hook.Map("{}", "").status().message()), HasSubstr("there is nothing at invoices"));
  std::string many = R"({"invoices": [{})";
  for (int i = 0; i < 10'000; ++i) many += ",{}";
  EXPECT_TRUE(absl::IsOutOfRange(hook.Map(many + "]}", "").status()));
}

// The rate of the reporting currency is no rate: only the hook knows which that is.
TEST_F(HooksTest, WhatTheContractRefusesIsRejected) {
  Write("name: rates\nsource: json\nkey: c\nrows: [{fx_rate_set: {at: at, currency_code: c, month: at, rate: r}}]\n");
  const Hooks hooks = Open().value();
  const Hook::Mapped mapped =
      hooks.all()[0]
          ->Map(R"([{"c": "USD", "at": "2025-03-01", "r": 0.9}, {"c": "EUR", "at": "2025-03-01", "r": 1}])", "x")
          .value();
  ASSERT_EQ(mapped.events.size(), 2u);
  EXPECT_EQ(mapped.events[0].status, PostedStatus::kValid);
  EXPECT_EQ(mapped.events[0].account_id, "");
  EXPECT_EQ(mapped.events[0].traceparent, "");  // that was none
  EXPECT_EQ(mapped.events[1].status, PostedStatus::kRejected);
  EXPECT_THAT(mapped.events[1].reason, HasSubstr("currency_code"));
}

TEST_F(HooksTest, WhatAHookCannotServeIsRefusedAtOnce) {
  const auto complaint = [this](const std::string& yaml) {
    Write(yaml);
    return std::string(Open().status().message());
  };
  const std::string head = "name: x\nsource: json\naccount: a\n";
  const std::string rows = "rows: [{account_churned: {at: t}}]\n";
  EXPECT_THAT(complaint(head + "snapshots: {key: id}\norder: t\n" + rows),
              AllOf(HasSubstr("hook shop: "), HasSubstr("hooks_test.yaml: "), HasSubstr("`snapshots`"),
                    HasSubstr("keyfold produce --map")));
  EXPECT_THAT(complaint("name: x\naccount: a\nkey: id\n" + rows), HasSubstr("`source: csv`"));
  EXPECT_THAT(complaint(head + "once: [{account_opened: {at: min(t)}}]\n"), HasSubstr("`once`"));
  EXPECT_THAT(complaint(head + "key: id\nrounding: account\n" + rows), HasSubstr("`rounding: account`"));
  EXPECT_THAT(
      complaint("name: x\nsource: json\naccount: l[a].b\nlookups: {l: {file: f.csv, key: k}}\nkey: id\n" + rows),
      HasSubstr("lookup l "));
  EXPECT_THAT(complaint(head + "key: id\nrows: [{account_churned: {when_: t}}]\n"), HasSubstr("hooks_test.yaml:5: "));
  config_.mapping += ".none";
  EXPECT_TRUE(absl::IsNotFound(Open().status())) << Open().status();
}

TEST_F(HooksTest, ASecretThatIsNotThereIsNoticedAtOnce) {
  config_.signature.header = "S";
  config_.signature.secret_file = testing::TempDir() + "hooks_test_no_secret";
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("hooks_test_no_secret"));
}

TEST_F(HooksTest, WrongSignaturesAreCounted) {
  config_.signature.header = "S";
  config_.signature.secret = "It's a Secret to Everybody";
  const Hooks hooks = Open().value();
  const Hook& hook = *hooks.all()[0];
  EXPECT_TRUE(hook.is_signed());
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"S", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}};
  EXPECT_TRUE(hook.Check({"POST", headers, "Hello, World!"}, absl::UnixEpoch()).ok());
  EXPECT_EQ(hook.counts().refused, 0);
  EXPECT_TRUE(absl::IsUnauthenticated(hook.Check({"POST", headers, "Hello"}, absl::UnixEpoch())));
  EXPECT_EQ(hook.counts().refused, 1);
}

}  // namespace
}  // namespace keyfold
