#include "platform/cli/command_environment.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

RunSettings settings() {
  return {.data_dir = "/d",
          .target = {.endpoint = "http://127.0.0.1:9000",
                     .access_key = "AKIAEXAMPLE",
                     .secret_key = "secret",
                     .region = "eu-west-1",
                     .authority = {}},
          .proxy_port = 4711,
          .authority = "/d/authority/certificate.pem",
          .models = "/d/clients/models",
          .node_preload = "/d/my \"clients\"/node-proxy.cjs"};
}

TEST(CommandEnvironment, LeadsEveryClientToTheProxyUnderTheNamesThatItReads) {
  const Environment made = command_environment({{"PATH", "/bin"}}, settings());
  EXPECT_EQ(made.at("PATH"), "/bin");
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"})
    EXPECT_EQ(made.at(name), "http://127.0.0.1:4711") << name;
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                           "NODE_EXTRA_CA_CERTS"})
    EXPECT_EQ(made.at(name), "/d/authority/certificate.pem") << name;
  EXPECT_EQ(made.at("AWS_ACCESS_KEY_ID"), "AKIAEXAMPLE");
  EXPECT_EQ(made.at("AWS_SECRET_ACCESS_KEY"), "secret");
  EXPECT_EQ(made.at("AWS_DEFAULT_REGION"), "eu-west-1");
  EXPECT_EQ(made.at("MILLRACE_DATA_DIR"), "/d");
}

TEST(CommandEnvironment, LeavesNothingThatLeadsElsewhere) {
  const Environment made = command_environment({{"AWS_ENDPOINT_URL", "https://other"},
                                                {"AWS_ENDPOINT_URL_S3", "https://other"},
                                                {"AWS_PROFILE", "production"},
                                                {"AWS_SESSION_TOKEN", "token"},
                                                {"AWS_ACCESS_KEY_ID", "AKIAOTHER"},
                                                {"NO_PROXY", ".amazonaws.com"},
                                                {"no_proxy", "*"}},
                                               settings());
  for (const char* name :
       {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"})
    EXPECT_FALSE(made.contains(name)) << name;
  EXPECT_EQ(made.at("AWS_ACCESS_KEY_ID"), "AKIAEXAMPLE");
  EXPECT_EQ(made.at("NO_PROXY"), "localhost,127.0.0.1,::1");
  EXPECT_EQ(made.at("no_proxy"), made.at("NO_PROXY"));
  EXPECT_EQ(made.at("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true");
}

TEST(CommandEnvironment, KeepsTheCallersOwnNodeOptionsAndModels) {
  const Environment made = command_environment(
      {{"NODE_OPTIONS", "--max-old-space-size=99"}, {"AWS_DATA_PATH", "/mine"}}, settings());
  EXPECT_EQ(made.at("NODE_OPTIONS"),
            R"(--require="/d/my \"clients\"/node-proxy.cjs" --max-old-space-size=99)");
  EXPECT_EQ(made.at("AWS_DATA_PATH"), "/d/clients/models:/mine");
}

}  // namespace
}  // namespace millrace::cli
