#include "platform/console/sessions.h"

#include <gtest/gtest.h>

#include "platform/console/host_rules.h"
#include "platform/console/sign_in_gate.h"
#include "platform/console/sign_in_links.h"

namespace millrace::console {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// A clock that stands until it is moved.
struct Clock {
  Time at = from_millis(1'700'000'000'000);
  [[nodiscard]] std::function<Time()> face() const {
    return [this] { return at; };
  }
};

TEST(Sessions, EndAfterAnHourWithoutUse) {
  Clock clock;
  Sessions sessions(clock.face());
  const std::string id = sessions.open("AKIA1").id;
  for (int i = 0; i < 3; ++i) {
    clock.at += minutes(59);
    EXPECT_EQ(sessions.use(id).value().access_key, "AKIA1");
  }
  clock.at += hours(1);
  EXPECT_FALSE(sessions.lives(id));
  EXPECT_FALSE(sessions.use(id));
}

TEST(Sessions, EndAfterTwelveHoursWhateverTheirUse) {
  Clock clock;
  Sessions sessions(clock.face());
  const std::string id = sessions.open("AKIA1").id;
  for (int i = 0; i < 23; ++i) {
    clock.at += minutes(30);
    EXPECT_TRUE(sessions.use(id));
  }
  clock.at += minutes(30);
  EXPECT_FALSE(sessions.use(id));
}

TEST(Sessions, ALookIsNoUse) {
  Clock clock;
  Sessions sessions(clock.face());
  const std::string id = sessions.open("AKIA1").id;
  clock.at += minutes(59);
  EXPECT_TRUE(sessions.lives(id));
  clock.at += minutes(1);
  EXPECT_FALSE(sessions.use(id));
}

TEST(Sessions, AreKnownByTheirIdAlone) {
  Sessions sessions;
  const Sessions::Opened opened = sessions.open("AKIA1");
  EXPECT_EQ(opened.id.size(), 64U);  // 256 bits
  EXPECT_NE(opened.session.csrf_token, opened.id);
  EXPECT_FALSE(sessions.use(""));
  EXPECT_FALSE(sessions.use(opened.id.substr(1)));
  EXPECT_FALSE(sessions.use(kept_form(opened.id)));
  sessions.close(opened.id);
  EXPECT_FALSE(sessions.use(opened.id));
}

TEST(Sessions, TheOldestOfAKeyGivesWay) {
  Clock clock;
  Sessions sessions(clock.face());
  const std::string first = sessions.open("AKIA1").id;
  const std::string of_other = sessions.open("AKIA2").id;
  for (std::size_t i = 0; i < Sessions::kMaxOfKey; ++i) {
    clock.at += seconds(1);
    sessions.open("AKIA1");
  }
  EXPECT_FALSE(sessions.use(first));
  EXPECT_TRUE(sessions.use(of_other));
}

std::string token_of(const std::string& link) {
  return link.substr(link.find("#token=") + 7);
}

TEST(SignInLinks, WorkOnceWithinTenMinutes) {
  Clock clock;
  SignInLinks links(clock.face());
  links.set_endpoint("http://127.0.0.1:9000");
  const std::string link = links.issue("AKIA1");
  EXPECT_EQ(link.substr(0, link.find('#')), "http://127.0.0.1:9000/console/");
  EXPECT_EQ(links.redeem(token_of(link)), "AKIA1");
  EXPECT_FALSE(links.redeem(token_of(link)));
  const std::string late = links.issue("AKIA1");
  clock.at += minutes(10);
  EXPECT_FALSE(links.redeem(token_of(late)));
  EXPECT_FALSE(links.redeem(""));
}

TEST(SignInLinks, LeadToAnAddressThatABrowserCanGoTo) {
  SignInLinks links;
  links.set_endpoint("https://0.0.0.0:9443");
  EXPECT_TRUE(links.issue("k").starts_with("https://127.0.0.1:9443/console/#token="));
  links.set_endpoint("http://[::]:9000");
  EXPECT_TRUE(links.issue("k").starts_with("http://[::1]:9000/console/#token="));
}

TEST(SignInLinks, AreNotForTheKeysOfJobs) {
  SignInLinks links;
  EXPECT_ANY_THROW(links.create({}, {.account = "1", .access_key = "ASIA", .job = "job"}));
  const auto link = links.create({}, {.account = "1", .access_key = "AKIA1"});
  EXPECT_EQ(links.redeem(token_of(link.url)), "AKIA1");
}

TEST(SignInGate, SlowsDownAfterFiveFailuresAndTwiceAsMuchEachTime) {
  Clock clock;
  SignInGate gate(clock.face());
  for (int i = 0; i < 4; ++i) gate.failed("10.0.0.1");
  EXPECT_FALSE(gate.wait("10.0.0.1"));
  for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60}) {
    gate.failed("10.0.0.1");
    EXPECT_EQ(gate.wait("10.0.0.1"), seconds(expected));
    EXPECT_FALSE(gate.wait("10.0.0.2"));
    clock.at += seconds(expected);
    EXPECT_FALSE(gate.wait("10.0.0.1"));
  }
  gate.succeeded("10.0.0.1");
  gate.failed("10.0.0.1");
  EXPECT_FALSE(gate.wait("10.0.0.1"));
}

TEST(HostRules, AnswerAsAddressesAndOwnNamesOnly) {
  const HostRules rules("127.0.0.1", {"console.example"});
  for (const char* host : {"127.0.0.1:9000", "localhost:9000", "LOCALHOST", "[::1]:9000",
                           "10.1.2.3", "console.example", "console.example:443"}) {
    EXPECT_TRUE(rules.allow(host)) << host;
  }
  for (const char* host : {"", "evil.example", "evil.example:9000", "127.0.0.1.evil.example",
                           "localhost.evil.example", "[::1", "1.2.3.4.5"}) {
    EXPECT_FALSE(rules.allow(host)) << host;
  }
}

TEST(HostRules, AnOriginIsTheHostItself) {
  EXPECT_TRUE(HostRules::same_origin("http://127.0.0.1:9000", "127.0.0.1:9000"));
  EXPECT_TRUE(HostRules::same_origin("https://console.example", "Console.example"));
  EXPECT_FALSE(HostRules::same_origin("http://127.0.0.1:9001", "127.0.0.1:9000"));
  EXPECT_FALSE(HostRules::same_origin("http://evil.example", "127.0.0.1:9000"));
  EXPECT_FALSE(HostRules::same_origin("null", "127.0.0.1:9000"));
}

}  // namespace
}  // namespace millrace::console
