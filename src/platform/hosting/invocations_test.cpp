#include "platform/hosting/invocations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/http/arrival.h"
#include "platform/aws/error_response.h"
#include "platform/hosting/fake_instance_for_test.h"
#include "platform/hosting/names.h"
#include "platform/metrics/metrics.h"
#include "platform/records/metrics.h"
#include "platform/records/temporary_database.h"

namespace millrace::hosting {
namespace {

using testing::HasSubstr;
namespace runtime = wire::runtime;

constexpr std::size_t kLimit = 6'291'456;

/// A body in memory, as dispatch hands it over.
class Body final : public aws::Payload {
 public:
  explicit Body(std::string_view bytes) : rest_(bytes) {}
  std::size_t read(std::span<char> buffer) override { return rest_.read(buffer); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] std::optional<aws::Checksum> checksum() const override { return std::nullopt; }

 private:
  MemorySource rest_;
};

http::Response text(std::string body, int status = 200) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/csv");
  response.body = std::move(body);
  return response;
}

/// The endpoint "churn" of variants that the test gives, each with instances of its own.
class InvocationsTest : public testing::Test {
 protected:
  ~InvocationsTest() override {
    instances_.clear();
    std::filesystem::remove_all(directory_);
  }

  struct Shape {
    std::string name;
    double weight = 1;
    std::int64_t instances = 1;
    std::string strategy{};
  };
  void serve(const std::vector<Shape>& variants) {
    Deployment deployment{.config_name = "config"};
    for (const Shape& shape : variants) {
      Variant variant{
          .config = {.variant_name = shape.name, .initial_instance_count = shape.instances},
          .model = {.model_name = "m"},
          .weight = shape.weight};
      if (!shape.strategy.empty())
        variant.config.routing_config = {{.routing_strategy = shape.strategy}};
      deployment.variants.push_back(std::move(variant));
    }
    state_.deploy(deployment, now());
    for (const Variant& variant : state_.pending->variants) {
      for (std::int64_t i = 1; i <= static_cast<std::int64_t>(variant.instances.size()); ++i)
        pending_.emplace_back(variant.generation, "algo-" + std::to_string(i));
    }
    for (const auto& [generation, host] : pending_) report(generation, host, phase::kHealthy);
  }
  void report(std::int64_t generation, const std::string& host, const char* phase,
              const std::string& reason = "") {
    state_.report(generation, {.host = host, .phase = phase, .reason = reason}, now());
    traffic_.publish(kAccount, "churn", state_);
  }
  void start(const std::string& variant, std::int64_t generation, http::Handler model,
             const std::string& host = "algo-1") {
    const ServerWorkload workload{
        .endpoint = "churn", .variant = variant, .generation = generation};
    instances_.push_back(
        std::make_unique<FakeInstance>(directory_, workload.text(), host, std::move(model)));
  }
  /// The one-variant endpoint most tests are about.
  void serve_one(http::Handler model) {
    serve({{.name = "all"}});
    start("all", 1, std::move(model));
  }

  runtime::InvokeEndpointOutput invoke(runtime::InvokeEndpointInput request = {},
                                       const std::string& body = "1,2") {
    Body payload(body);
    if (request.endpoint_name.empty()) request.endpoint_name = "churn";
    request.body = &payload;
    const http::Arrival arrival;
    return invocations_->invoke(request, {.account = kAccount, .region = "us-west-2"});
  }
  std::string refusal(runtime::InvokeEndpointInput request = {}, const std::string& body = "1,2") {
    try {
      invoke(std::move(request), body);
    } catch (const aws::DetailedError& error) {
      details_ = error.details();
      return error.code() + ": " + error.what();
    } catch (const Error& error) {
      return error.code() + ": " + error.what();
    }
    return "answered";
  }
  static std::string body_of(const runtime::InvokeEndpointOutput& output) {
    return std::get<std::string>(output.body);
  }

  inline static const std::string kAccount = "111122223333";
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("invocations_test_" + random_hex(6));
  EndpointState state_;
  Traffic traffic_{directory_};
  records::TemporaryDatabase records_;
  InvocationMetrics metrics_{records_.database()};
  Invocations patient_{traffic_, metrics_, {}};
  Invocations impatient_{traffic_, metrics_, {.timeout = std::chrono::milliseconds(800)}};
  Invocations* invocations_ = &patient_;
  std::vector<std::pair<std::int64_t, std::string>> pending_;
  std::vector<std::unique_ptr<FakeInstance>> instances_;
  Json details_;
};

TEST_F(InvocationsTest, BodyAndHeadersReachTheModelAndItsAnswerComesBack) {
  std::map<std::string, std::string> heard;
  serve_one([&](http::Request& request) {
    heard = {{"line", request.method + " " + request.path},
             {"body", read_all(*request.body, kLimit, "body")}};
    for (const auto& [name, value] : request.headers) heard[to_lower(name)] = value;
    http::Response response = text("0.5\n");
    response.headers.add("X-Amzn-SageMaker-Custom-Attributes", "answered");
    return response;
  });
  const auto output = invoke({.content_type = "text/csv",
                              .accept = "application/json",
                              .custom_attributes = "trace=1",
                              .inference_id = "id-7"});
  EXPECT_EQ(heard["line"], "POST /invocations");
  EXPECT_EQ(heard["body"], "1,2");
  EXPECT_EQ(heard["content-type"], "text/csv");
  EXPECT_EQ(heard["accept"], "application/json");
  EXPECT_EQ(heard["x-amzn-sagemaker-custom-attributes"], "trace=1");
  EXPECT_EQ(heard["x-amzn-sagemaker-inference-id"], "id-7");
  EXPECT_EQ(body_of(output), "0.5\n");
  EXPECT_EQ(output.content_type, "text/csv");
  EXPECT_EQ(output.custom_attributes, "answered");
  EXPECT_EQ(output.invoked_production_variant, "all");
}

TEST_F(InvocationsTest, TheLargestBodyGoesBothWaysOverOneConnection) {
  std::atomic<int> connections = 0;
  std::string peer;
  serve_one([&](http::Request& request) {
    if (request.peer != peer) ++connections;
    peer = request.peer;
    return text(read_all(*request.body, kLimit, "body"));
  });
  const std::string large(kLimit, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_EQ(body_of(invoke({}, large)), large);
  EXPECT_EQ(connections, 1);
}

TEST_F(InvocationsTest, AnErrorOfTheModelIsAModelErrorWithItsStatusAndText) {
  serve_one([](http::Request&) { return text("out of \"luck\"", 500); });
  EXPECT_THAT(refusal(),
              HasSubstr("ModelError: Received server error (500) from primary with message "
                        "\"out of \"luck\"\". See the log group /aws/sagemaker/Endpoints/churn"));
  EXPECT_EQ(details_["OriginalStatusCode"], 500);
  EXPECT_EQ(details_["OriginalMessage"], "out of \"luck\"");
  EXPECT_EQ(details_["LogStreamArn"],
            "arn:aws:logs:us-west-2:111122223333:log-group:/aws/sagemaker/Endpoints/churn");
}

TEST_F(InvocationsTest, AModelThatRefusesIsAClientError) {
  serve_one([](http::Request&) { return text("not CSV", 415); });
  EXPECT_THAT(refusal(), HasSubstr("Received client error (415) from primary"));
}

TEST_F(InvocationsTest, AModelThatHangsIsAModelErrorAndTheNextRequestIsAnswered) {
  std::atomic<bool> hang = true;
  serve_one([&](http::Request&) {
    if (hang.exchange(false)) std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    return text("ok");
  });
  invocations_ = &impatient_;
  EXPECT_THAT(refusal(), HasSubstr("ModelError: Received server error (0) from primary with "
                                   "message \"Your invocation timed out"));
  EXPECT_THAT(std::string(details_["OriginalMessage"]), HasSubstr("within 0.8 s"));
  invocations_ = &patient_;
  EXPECT_EQ(body_of(invoke()), "ok");
}

TEST_F(InvocationsTest, AnAnswerThatDripsIsCutOffByTheSameClock) {
  class Drip final : public ByteSource {
   public:
    std::size_t read(std::span<char> buffer) override {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      buffer[0] = '.';
      return ++given_ > 40 ? 0 : 1;
    }

   private:
    int given_ = 0;
  };
  serve_one([](http::Request&) {
    http::Response response;
    response.body = http::Stream{.source = std::make_unique<Drip>(), .length = {}};
    return response;
  });
  invocations_ = &impatient_;
  EXPECT_THAT(refusal(), HasSubstr("Your invocation timed out"));
}

TEST_F(InvocationsTest, AnAnswerAboveTheLimitIsAModelError) {
  serve_one([](http::Request&) { return text(std::string(kLimit + 1, 'x')); });
  EXPECT_THAT(refusal(), HasSubstr("The answer is larger than 6291456 bytes."));
}

TEST_F(InvocationsTest, AServerThatBreaksOffIsAModelError) {
  serve_one([](http::Request&) -> http::Response { throw Error(Blame::Platform, "crash"); });
  EXPECT_THAT(refusal(), HasSubstr("ModelError: Received server error (0) from primary with "
                                   "message \"The model's server broke off"));
}

TEST_F(InvocationsTest, AnInstanceThatCannotBeReachedLeavesTheRequestToAnother) {
  serve({{.name = "all", .instances = 2}});
  start("all", 1, {}, "algo-1");
  start(
      "all", 1, [](http::Request&) { return text("second"); }, "algo-2");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(body_of(invoke()), "second");
}

TEST_F(InvocationsTest, WithoutAnInstanceTheServiceIsUnavailable) {
  serve_one({});
  EXPECT_THAT(refusal(), HasSubstr("ServiceUnavailable: No instance of endpoint churn can take "
                                   "the request: the model's server cannot be reached: it is "
                                   "being restarted."));
  report(1, "algo-1", phase::kUnhealthy, "exit status 3");
  EXPECT_THAT(refusal(), HasSubstr("can take the request: exit status 3."));
}

TEST_F(InvocationsTest, AnEndpointThatIsNotThereOrNotYetIsRefused) {
  EXPECT_EQ(refusal({.endpoint_name = "nobody"}),
            "ValidationException: Endpoint nobody of account 111122223333 not found.");
  state_.deploy({.config_name = "c",
                 .variants = {{.config = {.variant_name = "all", .initial_instance_count = 1}}}},
                now());
  traffic_.publish(kAccount, "churn", state_);
  EXPECT_EQ(refusal(),
            "ModelNotReadyException: Endpoint churn is Creating. Invoke it when it is "
            "InService.");
  state_.remove(now());
  traffic_.publish(kAccount, "churn", state_);
  EXPECT_THAT(refusal(), HasSubstr("not found"));
}

TEST_F(InvocationsTest, WeightsShareTheRequests) {
  serve({{.name = "a", .weight = 3}, {.name = "b", .weight = 1}, {.name = "c", .weight = 0}});
  for (const auto& [name, generation] : std::map<std::string, int>{{"a", 1}, {"b", 2}, {"c", 3}})
    start(name, generation, [name = name](http::Request&) { return text(name); });
  std::map<std::string, int> answered;
  for (int i = 0; i < 200; ++i) ++answered[body_of(invoke())];
  EXPECT_NEAR(answered["a"], 150, 3);
  EXPECT_NEAR(answered["b"], 50, 3);
  EXPECT_EQ(answered["c"], 0);
  EXPECT_EQ(body_of(invoke({.target_variant = "c"})), "c");
  EXPECT_EQ(refusal({.target_variant = "d"}),
            "ValidationException: Endpoint churn has no variant 'd'. It has a, b, c.");
}

TEST_F(InvocationsTest, AVariantThatIsDownLeavesItsShareToTheOthers) {
  serve({{.name = "a"}, {.name = "b"}});
  start("b", 2, [](http::Request&) { return text("b"); });
  report(1, "algo-1", phase::kUnhealthy, "exit status 3");
  for (int i = 0; i < 8; ++i) EXPECT_EQ(body_of(invoke()), "b");
  EXPECT_THAT(refusal({.target_variant = "a"}), HasSubstr("ServiceUnavailable"));
}

TEST_F(InvocationsTest, InstancesAreAskedInTurn) {
  serve({{.name = "a", .instances = 2}, {.name = "b"}});
  std::map<std::string, std::atomic<int>> asked;
  for (const char* host : {"algo-1", "algo-2"}) {
    asked[host] = 0;
    start(
        "a", 1,
        [&asked, host](http::Request&) {
          ++asked[host];
          return text("x");
        },
        host);
  }
  start("b", 2, [](http::Request&) { return text("b"); });
  for (int i = 0; i < 40; ++i) invoke();
  EXPECT_EQ(asked["algo-1"] + asked["algo-2"], 20);
  EXPECT_EQ(asked["algo-1"], 10);
}

TEST_F(InvocationsTest, TheLeastBusyInstanceIsAskedWhereTheConfigurationSaysSo) {
  serve({{.name = "a", .instances = 2, .strategy = "LEAST_OUTSTANDING_REQUESTS"}});
  std::atomic<bool> release = false;
  std::atomic<int> busy = 0;
  start(
      "a", 1,
      [&](http::Request&) {
        ++busy;
        while (!release) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return text("slow");
      },
      "algo-1");
  start(
      "a", 1, [](http::Request&) { return text("quick"); }, "algo-2");
  std::thread slow([&] { EXPECT_EQ(body_of(invoke()), "slow"); });
  while (busy == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(body_of(invoke()), "quick");
  release = true;
  slow.join();
}

TEST_F(InvocationsTest, RequestsOnTheirWayAreAnsweredByWhatIsReplaced) {
  std::atomic<bool> release = false;
  std::atomic<int> busy = 0;
  serve_one([&](http::Request&) {
    ++busy;
    while (!release) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return text("old");
  });
  std::thread caller([&] { EXPECT_EQ(body_of(invoke()), "old"); });
  while (busy == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  start("all", 2, [](http::Request&) { return text("new"); });
  state_.deploy({.config_name = "next",
                 .variants = {{.config = {.variant_name = "all", .initial_instance_count = 1}}}},
                now());
  report(2, "algo-1", phase::kHealthy);
  EXPECT_EQ(body_of(invoke()), "new");
  EXPECT_FALSE(traffic_.is_idle(kAccount, "churn", 1));
  release = true;
  caller.join();
  EXPECT_TRUE(traffic_.is_idle(kAccount, "churn", 1));
  EXPECT_FALSE(traffic_.is_idle(kAccount, "churn", 2)) << "requests still go there";
}

TEST_F(InvocationsTest, WhatRequestsMetBecomesMetricsOfTheirVariant) {
  serve({{.name = "all", .instances = 2}});
  int status = 200;
  const auto model = [&](http::Request&) {
    http::Response response = text("answer");
    response.status = status;
    return response;
  };
  start("all", 1, model, "algo-1");
  start("all", 1, model, "algo-2");
  invoke();
  invoke({.endpoint_name = "CHURN"});
  for (const int failure : {415, 500}) {
    status = failure;
    refusal();
  }
  instances_.clear();
  refusal();  // nobody takes it: it has met no model
  metrics_.flush();
  status = 200;
  start("all", 1, model, "algo-1");
  invoke({.target_variant = "all"});
  metrics_.flush();  // in the same minute, or in the next

  metrics::Metrics metrics(records_.database());
  const auto statistic = [&](const std::string& name, const std::string& of) {
    const Time end = now() + std::chrono::minutes(1);
    const auto found =
        metrics.get_statistics({.namespace_ = "AWS/SageMaker",
                                .metric_name = name,
                                .dimensions = {{{.name = "VariantName", .value = "all"},
                                                {.name = "EndpointName", .value = "churn"}}},
                                .start_time = end - std::chrono::hours(2),
                                .end_time = end,
                                .period = 7200,
                                .statistics = {{"SampleCount", "Sum", "Minimum", "Maximum"}},
                                .extended_statistics = {{"p50", "p99"}}},
                               {.account = kAccount, .region = "us-west-2"});
    // Of two periods of two hours at most, where one has just begun.
    double sum = 0;
    for (const auto& point : *found.datapoints) {
      if (of == "SampleCount") sum += *point.sample_count;
      if (of == "Sum") sum += *point.sum;
      if (of.starts_with('p')) sum = std::max(sum, point.extended_statistics->at(of));
      if (of.starts_with('p')) {
        EXPECT_LE(*point.minimum, point.extended_statistics->at("p50"));
        EXPECT_LE(point.extended_statistics->at("p50"), point.extended_statistics->at("p99"));
        EXPECT_LE(point.extended_statistics->at("p99"), *point.maximum);
      }
    }
    return sum;
  };
  EXPECT_EQ(statistic("Invocations", "Sum"), 5);
  EXPECT_EQ(statistic("InvocationsPerInstance", "Sum"), 2.5);
  EXPECT_EQ(statistic("Invocation4XXErrors", "Sum"), 1);
  EXPECT_EQ(statistic("Invocation4XXErrors", "SampleCount"), 5);
  EXPECT_EQ(statistic("Invocation5XXErrors", "Sum"), 1);
  EXPECT_EQ(statistic("InvocationModelErrors", "Sum"), 2);
  EXPECT_GT(statistic("ModelLatency", "p99"), 0);
  EXPECT_GT(statistic("OverheadLatency", "p50"), 0);
}

TEST_F(InvocationsTest, AModelThatBreaksOffIsAModelErrorInTheMetricsToo) {
  invocations_ = &impatient_;
  serve_one([](http::Request&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1000));
    return text("late");
  });
  EXPECT_THAT(refusal(), HasSubstr("timed out"));
  metrics_.flush();
  const auto errors = records_.database().read([&](records::Connection& connection) {
    records::MetricTable table(connection);
    const auto found = table.find(metrics::variant_metric(
        kAccount, metrics::kInvocationNamespace, "churn", "all", "InvocationModelErrors", ""));
    return table.by_period(found.at(0).id, 0, to_millis(now()) + 1, 60'000,
                           records::MetricTable::Order::Descending, 1);
  });
  EXPECT_EQ(errors.at(0).total, 1);
}

TEST_F(InvocationsTest, WhatIsNotServedIsRefusedByName) {
  serve_one([](http::Request&) { return text("x"); });
  EXPECT_THAT(refusal({.target_model = "m.tar.gz"}), HasSubstr("TargetModel is not supported"));
  EXPECT_THAT(refusal({.target_container_hostname = "second"}),
              HasSubstr("TargetContainerHostname is not supported"));
  EXPECT_THAT(refusal({.enable_explanations = "`true`"}),
              HasSubstr("EnableExplanations is not supported"));
  EXPECT_THAT(refusal({.inference_component_name = "c"}),
              HasSubstr("InferenceComponentName is not supported"));
  EXPECT_THAT(refusal({.session_id = "NEW_SESSION"}), HasSubstr("SessionId is not supported"));
}

TEST_F(InvocationsTest, MoreThanTheDaemonHasThreadsForAreTurnedAway) {
  serve_one([](http::Request&) { return text("x"); });
  Invocations none(traffic_, metrics_, {.timeout = std::chrono::seconds(1), .max_running = 0});
  Body payload("1");
  runtime::InvokeEndpointInput request{.endpoint_name = "churn", .body = &payload};
  try {
    none.invoke(request, {.account = kAccount});
    ADD_FAILURE() << "it was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "ServiceUnavailable");
  }
}

}  // namespace
}  // namespace millrace::hosting
