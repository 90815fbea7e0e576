#include "platform/runner/network/inner_endpoint.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

std::pair<std::uint16_t, std::string> inner(const std::string& url,
                                            const InnerAddress& inside = {}) {
  std::map<std::string, std::string> environment{{"AWS_ENDPOINT_URL", url}};
  const std::uint16_t port = make_endpoint_inner(environment, inside);
  return {port, environment.at("AWS_ENDPOINT_URL")};
}

using Inner = std::pair<std::uint16_t, std::string>;

TEST(InnerEndpoint, ADaemonOnTheLoopbackInterfaceIsFoundWhereItIs) {
  EXPECT_EQ(inner("http://127.0.0.1:9000"), (Inner{9000, "http://127.0.0.1:9000"}));
}

TEST(InnerEndpoint, WhateverTheDaemonIsCalledLeadsToTheDoor) {
  EXPECT_EQ(inner("http://192.168.1.5:9000/"), (Inner{9000, "http://127.0.0.1:9000"}));
  EXPECT_EQ(inner("https://millrace.example"), (Inner{443, "http://127.0.0.1:443"}));
  EXPECT_EQ(inner("http://[::1]"), (Inner{80, "http://127.0.0.1:80"}));
  EXPECT_EQ(inner("http://[::1]:9000"), (Inner{9000, "http://127.0.0.1:9000"}));
}

TEST(InnerEndpoint, TheServersPortStaysTheServers) {
  EXPECT_EQ(inner("http://127.0.0.1:8080", {.taken_port = kServerPort}),
            (Inner{8079, "http://127.0.0.1:8079"}));
  EXPECT_EQ(inner("http://127.0.0.1:8080"), (Inner{8080, "http://127.0.0.1:8080"}));
}

TEST(InnerEndpoint, AHostOfSeveralFindsTheDaemonAtItsOwnAddress) {
  EXPECT_EQ(inner("http://127.0.0.1:9000", {.address = "127.4.7.2"}),
            (Inner{9000, "http://127.4.7.2:9000"}));
}

TEST(InnerEndpoint, OtherVariablesOfTheSameValueChangeToo) {
  std::map<std::string, std::string> environment{{"AWS_ENDPOINT_URL", "http://h:9000"},
                                                 {"S3_ENDPOINT_URL", "http://h:9000"},
                                                 {"OTHER", "http://h:9001"}};
  EXPECT_EQ(make_endpoint_inner(environment), 9000);
  EXPECT_EQ(environment.at("S3_ENDPOINT_URL"), "http://127.0.0.1:9000");
  EXPECT_EQ(environment.at("OTHER"), "http://h:9001");
}

TEST(InnerEndpoint, WithNetworkIsolationThereIsNone) {
  std::map<std::string, std::string> environment{{"A", "b"}};
  EXPECT_EQ(make_endpoint_inner(environment), 0);
  EXPECT_THROW(inner("http://h:port"), Error);
}

}  // namespace
}  // namespace millrace::runner
