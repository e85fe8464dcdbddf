// Who asks, and how a browser stays signed in.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "api/api_world.h"

namespace keyfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SessionTest : public ApiTest {
 protected:
  HttpResponse AskAs(const std::string& method, Credential credential, HttpFields headers, bool is_secure = true) {
    HttpRequest request = Request(method, "/v1/session", Manager());
    request.credential = credential;
    request.headers = std::move(headers);
    request.is_secure = is_secure;
    return MakeApi().Answer(request);
  }

  static std::string CookieOf(const HttpResponse& response) {
    const std::string* const cookie = FindField(response.headers, "Set-Cookie");
    return cookie == nullptr ? "" : *cookie;
  }
};

TEST_F(SessionTest, SaysWhoAsksAndWhatIsServed) {
  const HttpResponse response = AskAs("GET", Credential::kCookie, {{"Cookie", "__Host-keyfold=kf_1_2"}});
  const PlainJson session = PlainJson::parse(*response.body);
  EXPECT_EQ(session["signed_in_by"], "cookie");
  EXPECT_EQ(session["token_id"], "t");
  EXPECT_EQ(session["roles"], PlainJson({"reader"}));
  EXPECT_EQ(session["groups"], PlainJson({"manager:M7"}));
  EXPECT_EQ(session["sees_all"], false);
  EXPECT_EQ(session["projection"], "live");
  EXPECT_EQ(CookieOf(response), "");
  EXPECT_EQ(*FindField(response.headers, "Cache-Control"), "no-store");
  const PlainJson local = Document("/v1/session");
  EXPECT_EQ(local["signed_in_by"], "nothing");
  EXPECT_EQ(local["sees_all"], true);
  EXPECT_FALSE(local.contains("token_id"));
}

TEST_F(SessionTest, TheTokenOfTheHeaderGoesIntoTheCookie) {
  const HttpResponse response = AskAs("POST", Credential::kToken, {{"Authorization", "Bearer kf_1_2"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(CookieOf(response), "__Host-keyfold=kf_1_2; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000; Secure");
  EXPECT_THAT(*response.body, Not(HasSubstr("kf_1_2")));
  EXPECT_EQ(CookieOf(AskAs("POST", Credential::kToken, {{"Authorization", "bearer kf_1_2"}}, /*is_secure=*/false)),
            "keyfold=kf_1_2; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000");
}

TEST_F(SessionTest, ASessionBeginsAnewAndEnds) {
  const HttpFields cookie = {{"Cookie", "other=1; __Host-keyfold=kf_1_2"}};
  EXPECT_THAT(CookieOf(AskAs("POST", Credential::kCookie, cookie)), StartsWith("__Host-keyfold=kf_1_2; "));
  EXPECT_THAT(CookieOf(AskAs("DELETE", Credential::kCookie, cookie)),
              AllOf(StartsWith("__Host-keyfold=; "), HasSubstr("Max-Age=0"), HasSubstr("Secure")));
}

TEST_F(SessionTest, WhomAProxyNamesNeedsNoCookie) {
  const HttpResponse response = AskAs("POST", Credential::kProxy, {{"Cookie", "__Host-keyfold=kf_1_2"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(CookieOf(response), "");
}

TEST_F(SessionTest, AnyTokenMayAskWhoItIs) {
  const Principal producer{.token_id = "p", .roles = {Role::kProducer}};
  EXPECT_EQ(Get("/v1/session", producer).status, 200);
  EXPECT_EQ(Get("/v1/session", Principal{}).status, 403);
  const HttpResponse wrong = Ask("PUT", "/v1/session");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(*FindField(wrong.headers, "Allow"), "GET, POST, DELETE, HEAD");
  EXPECT_EQ(*FindField(Ask("POST", "/v1/accounts").headers, "Allow"), "GET, HEAD");
}

}  // namespace
}  // namespace keyfold
