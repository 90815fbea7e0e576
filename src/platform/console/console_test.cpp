#include "platform/console/console.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/base/error.h"
#include "core/io/byte_source.h"
#include "core/json/json.h"

namespace millrace::console {
namespace {

/// A console with one user whose key is "AKIA1"/"secret", and a path /mr/thing/{}.
class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() {
    console_.routes().add("GET", "/mr/thing/{}", [this](Call& call) {
      console_.permit(call, "millrace:Look", "thing/" + call.parts[0]);
      return json_answer({{"Part", call.parts[0]}, {"User", call.caller.user}});
    });
    console_.routes().add("POST", "/mr/thing/{}", [](Call&) {
      return json_answer({{"Done", true}});
    });
  }

  struct Sent {
    std::string method = "GET";
    std::string path{};
    std::string body{};
    std::string csrf{};
    std::string origin{};
    std::string host = "127.0.0.1:9000";
    std::string cookie{};
  };
  http::Response send(const Sent& sent) {
    MemorySource body(sent.body);
    http::Request request{.method = sent.method,
                          .path = sent.path,
                          .query = {},
                          .headers = {},
                          .content_length = sent.body.size(),
                          .peer = "127.0.0.1:51234",
                          .body = &body};
    request.headers.add("Host", sent.host);
    const std::string cookie = sent.cookie.empty() ? cookie_ : sent.cookie;
    if (!cookie.empty()) request.headers.add("Cookie", cookie);
    if (!sent.csrf.empty()) request.headers.add("X-Millrace-CSRF", sent.csrf);
    if (!sent.origin.empty()) request.headers.add("Origin", sent.origin);
    EXPECT_TRUE(Console::takes(request));
    return console_.handle(request);
  }
  static Json document(const http::Response& response) {
    return parse_json(std::get<std::string>(response.body), "answer");
  }
  http::Response sign_in(const std::string& secret = "secret") {
    http::Response response =
        send({.method = "POST",
              .path = "/mr/session",
              .body = R"({"AccessKeyId":"AKIA1","SecretAccessKey":")" + secret + "\"}",
              .cookie = "other=1"});
    if (response.status == 200) {
      const std::string cookie(response.headers.find("Set-Cookie").value());
      cookie_ = "theme=dark; " + cookie.substr(0, cookie.find(';'));
      csrf_ = document(response)["CsrfToken"];
    }
    return response;
  }

  std::set<std::string> keys_{"AKIA1"};
  bool allowed_ = true;
  std::vector<std::pair<std::string, int>> audited_;
  aws::Dispatch dispatch_{{.keys = [](std::string_view) { return std::nullopt; }}};
  SignInLinks links_;
  Console console_{{.address = "127.0.0.1", .region = "us-east-1", .version = "1"},
                   {.keys = [this](std::string_view key) -> std::optional<aws::Identity> {
                      if (!keys_.contains(std::string(key))) return std::nullopt;
                      return aws::Identity{.caller = {.account = "111122223333",
                                                      .access_key = std::string(key),
                                                      .arn = "arn",
                                                      .region = {},
                                                      .job = {},
                                                      .user = "ana"},
                                           .secret_key = "secret",
                                           .session_token = key == "ASIA1" ? "token" : ""};
                    },
                    .authorize =
                        [this](const aws::Service&, const aws::Caller&,
                               const std::vector<aws::ResourceAccess>&) {
                          if (!allowed_)
                            throw Error(Blame::Customer, "AccessDeniedException",
                                        "no policy allows it");
                        },
                    .audit =
                        [this](const aws::AuditEntry& entry) {
                          audited_.emplace_back(entry.accesses.front().action, entry.status);
                        }},
                   dispatch_,
                   Assets({}),
                   links_};
  std::string cookie_;
  std::string csrf_;
};

TEST_F(ConsoleTest, AKeyOpensASessionWhoseCookieScriptsDoNotSee) {
  const http::Response response = sign_in();
  ASSERT_EQ(response.status, 200);
  const std::string cookie(response.headers.find("Set-Cookie").value());
  EXPECT_NE(cookie.find("; Path=/mr/; HttpOnly; SameSite=Strict; Max-Age=43200"),
            std::string::npos);
  EXPECT_EQ(cookie.find("Secure"), std::string::npos);
  const Json session = document(send({.path = "/mr/session"}));
  EXPECT_EQ(session["User"], "ana");
  EXPECT_EQ(session["CsrfToken"], csrf_);
  EXPECT_EQ(audited_.front(), std::pair(std::string("millrace:SignInToConsole"), 200));
}

TEST_F(ConsoleTest, WrongSecretsAndKeysOfJobsOpenNone) {
  EXPECT_EQ(sign_in("wrong").status, 403);
  keys_.insert("ASIA1");
  EXPECT_EQ(send({.method = "POST",
                  .path = "/mr/session",
                  .body = R"({"AccessKeyId":"ASIA1","SecretAccessKey":"secret"})"})
                .status,
            403);
  EXPECT_EQ(send({.method = "POST", .path = "/mr/session", .body = R"({"Token":"x"})"}).status,
            403);
  EXPECT_EQ(send({.method = "POST", .path = "/mr/session", .body = "[]"}).status, 403);
  EXPECT_EQ(send({.method = "POST", .path = "/mr/session", .body = "{"}).status, 400);
  EXPECT_EQ(send({.path = "/mr/session"}).status, 401);
}

TEST_F(ConsoleTest, AfterFiveWrongAttemptsTheNextIsNotLookedAt) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("wrong").status, 403);
  const http::Response response = sign_in();
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("Retry-After"), "1");
}

TEST_F(ConsoleTest, ALinkSignsInOnce) {
  links_.set_endpoint("http://127.0.0.1:9000");
  const std::string link = links_.issue("AKIA1");
  const std::string body = R"({"Token":")" + link.substr(link.find('=') + 1) + "\"}";
  EXPECT_EQ(send({.method = "POST", .path = "/mr/session", .body = body}).status, 200);
  EXPECT_EQ(send({.method = "POST", .path = "/mr/session", .body = body}).status, 403);
}

TEST_F(ConsoleTest, WritesRepeatTheSessionsToken) {
  sign_in();
  EXPECT_EQ(send({.method = "POST", .path = "/mr/thing/a"}).status, 403);
  EXPECT_EQ(send({.method = "POST", .path = "/mr/thing/a", .csrf = "x" + csrf_.substr(1)}).status,
            403);
  EXPECT_EQ(send({.method = "POST", .path = "/mr/thing/a", .csrf = csrf_}).status, 200);
  EXPECT_EQ(send({.method = "DELETE", .path = "/mr/session"}).status, 403);
  EXPECT_EQ(send({.method = "DELETE", .path = "/mr/session", .csrf = csrf_}).status, 200);
  EXPECT_EQ(send({.path = "/mr/session"}).status, 401);
}

TEST_F(ConsoleTest, AForgedCookieOpensNothing) {
  sign_in();
  const std::string id = cookie_.substr(cookie_.rfind('=') + 1);
  for (const std::string& forged :
       {std::string("millrace-session="),
        "millrace-session=" + std::string(id.front() == '0' ? "1" : "0") + id.substr(1),
        "xmillrace-session=" + id, "millrace-session=" + kept_form(id)}) {
    EXPECT_EQ(send({.path = "/mr/thing/a", .cookie = forged}).status, 401);
  }
}

TEST_F(ConsoleTest, ASessionEndsWithItsKey) {
  sign_in();
  EXPECT_EQ(send({.path = "/mr/thing/a"}).status, 200);
  keys_.clear();
  EXPECT_EQ(send({.path = "/mr/thing/a"}).status, 401);
  keys_.insert("AKIA1");
  EXPECT_EQ(send({.path = "/mr/thing/a"}).status, 401);
}

TEST_F(ConsoleTest, PoliciesBindAndTheAuditLogHearsOfIt) {
  sign_in();
  audited_.clear();
  EXPECT_EQ(send({.path = "/mr/thing/a"}).status, 200);
  allowed_ = false;
  EXPECT_EQ(send({.path = "/mr/thing/a"}).status, 403);
  EXPECT_EQ(audited_, (std::vector<std::pair<std::string, int>>{{"millrace:Look", 200},
                                                                {"millrace:Look", 403}}));
}

TEST_F(ConsoleTest, OtherNamesAndOtherPagesAreRefused) {
  sign_in();
  EXPECT_EQ(send({.path = "/mr/thing/a", .host = "evil.example:9000"}).status, 403);
  EXPECT_EQ(send({.path = "/console/", .host = "evil.example:9000"}).status, 403);
  EXPECT_EQ(
      send(
          {.method = "POST", .path = "/mr/thing/a", .csrf = csrf_, .origin = "http://evil.example"})
          .status,
      403);
  EXPECT_EQ(send({.method = "POST",
                  .path = "/mr/thing/a",
                  .csrf = csrf_,
                  .origin = "http://127.0.0.1:9000"})
                .status,
            200);
}

TEST_F(ConsoleTest, PathsAreDecodedAndUnknownOnesToldFromOtherMethods) {
  sign_in();
  EXPECT_EQ(document(send({.path = "/mr/thing/a%2Fb%20c"}))["Part"], "a/b c");
  EXPECT_EQ(send({.path = "/mr/thing/"}).status, 404);
  EXPECT_EQ(send({.path = "/mr/thing/a/b"}).status, 404);
  EXPECT_EQ(send({.path = "/mr/thing/%zz"}).status, 400);
  EXPECT_EQ(send({.method = "PUT", .path = "/mr/thing/a", .csrf = csrf_}).status, 405);
}

TEST(Console, TakesWhatCarriesNoSignature) {
  const auto takes = [](const std::string& path, const std::string& query = {},
                        const std::map<std::string, std::string>& headers = {}) {
    http::Request request{.method = "GET", .path = path, .query = query};
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return Console::takes(request);
  };
  EXPECT_TRUE(takes("/console/assets/a.js"));
  EXPECT_TRUE(takes("/mr"));
  EXPECT_TRUE(takes("/", "", {{"Accept", "text/html,*/*;q=0.8"}}));
  EXPECT_FALSE(takes("/"));
  EXPECT_FALSE(takes("/consoles/a"));
  EXPECT_FALSE(takes("/mrs"));
  EXPECT_FALSE(takes("/console/key", "", {{"Authorization", "AWS4-HMAC-SHA256 ..."}}));
  EXPECT_FALSE(takes("/console/key", "X-Amz-Signature=0&X-Amz-Expires=1"));
  EXPECT_FALSE(takes("/console/key", "AWSAccessKeyId=a&Signature=b"));
}

TEST(Contain, WhatABrowserWouldRunIsDownloaded) {
  const auto disposition = [](const std::string& type, const std::string& own = {}) {
    http::Response response;
    response.headers.add("Content-Type", type);
    if (!own.empty()) response.headers.add("Content-Disposition", own);
    contain(response);
    EXPECT_EQ(response.headers.find("Content-Security-Policy"), "sandbox");
    EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff");
    return std::string(response.headers.find("Content-Disposition").value_or(""));
  };
  EXPECT_EQ(disposition("image/png"), "");
  EXPECT_EQ(disposition("text/plain; charset=utf-8"), "");
  EXPECT_EQ(disposition("application/json"), "");
  EXPECT_EQ(disposition("text/html"), "attachment");
  EXPECT_EQ(disposition("IMAGE/SVG+XML"), "attachment");
  EXPECT_EQ(disposition("text/html", "inline"), "attachment");
  EXPECT_EQ(disposition("text/html", "attachment; filename=a"), "attachment; filename=a");
}

}  // namespace
}  // namespace millrace::console
