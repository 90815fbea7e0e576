#include "platform/hosting/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/hosting/endpoints_fixture.h"
#include "platform/metrics/metrics.h"
#include "platform/records/metrics.h"

namespace millrace::hosting {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kFirst = "endpoint.e.all.1";
constexpr const char* kSecond = "endpoint.e.all.2";

TEST_F(EndpointsTest, AnEndpointIsCreatingUntilItsServerIsHealthy) {
  create();
  EXPECT_EQ(describe().endpoint_arn, "arn:aws:sagemaker:us-west-2:111122223333:endpoint/e");
  EXPECT_EQ(describe().endpoint_status, "Creating");
  EXPECT_EQ(describe().endpoint_config_name, "first");
  start();
  EXPECT_FALSE(report(kFirst, "Starting"));
  EXPECT_EQ(status(), "Creating");
  EXPECT_FALSE(report(kFirst, "Healthy"));
  const auto endpoint = describe();
  EXPECT_EQ(endpoint.endpoint_status, "InService");
  const sm::ProductionVariantSummary& variant = endpoint.production_variants->at(0);
  EXPECT_EQ(variant.variant_name, "all");
  EXPECT_EQ(variant.current_instance_count, 1);
  EXPECT_EQ(variant.desired_instance_count, 1);
  EXPECT_EQ(variant.current_weight, 1);
  EXPECT_EQ(variant.deployed_images->at(0).specified_image, "registry.local/churn:3");
  EXPECT_FALSE(variant.variant_status || endpoint.failure_reason);
}

TEST_F(EndpointsTest, ATicketSaysWhatToServeAndWhereToWrite) {
  create();
  start();
  const control::ServerTicket ticket = EndpointsTest::ticket(kFirst).ticket;
  EXPECT_THAT(ticket.command, ElementsAre("/opt/churn/run", "serve"));
  EXPECT_THAT(ticket.read_only_binds, ElementsAre("/opt/churn"));
  EXPECT_EQ(ticket.environment.at("LEVEL"), "3");
  EXPECT_EQ(ticket.environment.at("AWS_ENDPOINT_URL"), "http://127.0.0.1:9000");
  EXPECT_EQ(ticket.environment.count("AWS_SESSION_TOKEN"), 1U);
  EXPECT_EQ(ticket.model_data_url, "s3://models/churn/model.tar.gz");
  EXPECT_EQ(ticket.model_data_type, "Archive");
  EXPECT_EQ(ticket.cpus, 2);
  EXPECT_EQ(ticket.startup_timeout_in_seconds, 240);
  EXPECT_EQ(ticket.download_timeout_in_seconds, 3600);
  EXPECT_EQ(ticket.log_group, "/aws/sagemaker/Endpoints/e");
  EXPECT_THAT(ticket.log_stream, StartsWith("all/i-"));
  EXPECT_EQ(ticket.region, "us-west-2");
}

TEST_F(EndpointsTest, NetworkIsolationLeavesTheServerWithoutKeysAndAddress) {
  models_.create(model(), operator_);
  sm::CreateEndpointConfigInput isolated = config("isolated");
  isolated.enable_network_isolation = true;
  isolated.production_variants[0].container_startup_health_check_timeout_in_seconds = 90;
  configs_.create(isolated, operator_);
  endpoints_.create({.endpoint_name = "e", .endpoint_config_name = "isolated"}, operator_);
  start();
  const control::ServerTicket ticket = EndpointsTest::ticket(kFirst).ticket;
  EXPECT_TRUE(ticket.network_isolation);
  EXPECT_EQ(ticket.environment.count("AWS_ACCESS_KEY_ID"), 0U);
  EXPECT_EQ(ticket.environment.count("AWS_ENDPOINT_URL"), 0U);
  EXPECT_EQ(ticket.startup_timeout_in_seconds, 90);
}

TEST_F(EndpointsTest, OnlyItsOwnSupervisorMayAskAndReport) {
  create();
  start();
  aws::Caller other = supervisor(kFirst);
  other.job = "endpoint.f.all.1";
  EXPECT_THAT(
      refusal([&] { endpoints_.get_ticket({.workload = kFirst, .host = "algo-1"}, other); }),
      StartsWith("AccessDenied"));
  EXPECT_THAT(refusal([&] {
                endpoints_.report({.workload = kFirst, .host = "algo-1", .phase = "Healthy"},
                                  operator_);
              }),
              StartsWith("AccessDenied"));
}

TEST_F(EndpointsTest, AHeartbeatThatSaysNothingNewIsAnsweredWithoutTheDatabase) {
  serve();
  const auto write = [&](const std::string& document) {
    return records_.database().write([&](records::Connection& transaction) {
      records::HostingTable table(transaction, records::HostingKind::Endpoint);
      records::HostingRow row = table.find(operator_.account, "e").value();
      const std::string before = std::exchange(row.document, document);
      table.update(row);
      return before;
    });
  };
  const std::string document = write("unreadable");
  EXPECT_FALSE(report(kFirst, "Healthy"));
  EXPECT_NE(refusal([&] { report(kFirst, "Unhealthy"); }), "accepted");
  write(document);
  EXPECT_FALSE(report(kFirst, "Unhealthy"));
  EXPECT_EQ(status(), "SystemUpdating");
}

TEST_F(EndpointsTest, WhatAnInstanceTakesOfTheMachineBecomesMetricsOfItsVariant) {
  serve();
  const wire::control::ReportServerRequest told{
      .workload = kFirst,
      .host = "algo-1",
      .phase = "Healthy",
      .metrics = {{{.metric_name = "CPUUtilization", .value = 42, .timestamp = now()},
                   {.metric_name = "CPUUtilization",
                    .value = std::numeric_limits<double>::infinity(),
                    .timestamp = now()}}},
      .metrics_id = "first"};
  endpoints_.report(told, supervisor(kFirst));
  endpoints_.report(told, supervisor(kFirst));  // its answer was lost
  const auto found = records_.database().read([&](records::Connection& connection) {
    records::MetricTable table(connection);
    const auto metric = table.find(metrics::variant_metric(
        operator_.account, metrics::kEndpointNamespace, "e", "all", "CPUUtilization", "Percent"));
    return table.by_period(metric.at(0).id, 0, to_millis(now()) + 1, 60'000,
                           records::MetricTable::Order::Descending, 9);
  });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].total, 42);
  EXPECT_EQ(found[0].samples, 1);
}

TEST_F(EndpointsTest, ATicketThatIsRefusedChangesNothing) {
  create();
  start();
  const Time before = describe().last_modified_time;
  EXPECT_THAT(refusal([&] { ticket(kFirst, "algo-9"); }), HasSubstr("no host 'algo-9'"));
  EXPECT_EQ(describe().last_modified_time, before);
}

TEST_F(EndpointsTest, AnEndpointOfANameThatWasTakenBeforeIsHeardOfAtOnce) {
  const auto outcome = [&] { return traffic_.choose(operator_.account, "E", "", {}).outcome; };
  create();
  EXPECT_EQ(outcome(), Traffic::Choice::Outcome::NotReady);
  endpoints_.remove({.endpoint_name = "e"}, operator_);
  EXPECT_EQ(outcome(), Traffic::Choice::Outcome::NoEndpoint);
  endpoints_.create({.endpoint_name = "e", .endpoint_config_name = "first"}, operator_);
  EXPECT_EQ(outcome(), Traffic::Choice::Outcome::NotReady);
}

TEST_F(EndpointsTest, ConfigurationAndModelMayGoWhileTheEndpointStays) {
  serve();
  configs_.remove({.endpoint_config_name = "first"}, operator_);
  models_.remove({.model_name = "churn"}, operator_);
  EXPECT_EQ(describe().endpoint_config_name, "first");
  kill(kFirst);
  wait_until([&] { return status() == "SystemUpdating"; });
  EXPECT_EQ(ticket(kFirst).ticket.model_data_url, "s3://models/churn/model.tar.gz");
  report(kFirst, "Healthy");
  EXPECT_EQ(status(), "InService");
}

TEST_F(EndpointsTest, NamesAreTakenOnceAndUnknownOnesAreRefusedInAmazonsWords) {
  serve();
  EXPECT_EQ(refusal([&] {
              endpoints_.create({.endpoint_name = "E", .endpoint_config_name = "first"}, operator_);
            }),
            "ValidationException: Cannot create already existing endpoint "
            "\"arn:aws:sagemaker:us-west-2:111122223333:endpoint/e\".");
  EXPECT_EQ(refusal([&] { models_.create(model("Churn"), operator_); }),
            "ValidationException: Cannot create already existing model "
            "\"arn:aws:sagemaker:us-west-2:111122223333:model/churn\".");
  EXPECT_EQ(refusal([&] { configs_.create(config("first"), operator_); }),
            "ValidationException: Cannot create already existing endpoint configuration "
            "\"arn:aws:sagemaker:us-west-2:111122223333:endpoint-config/first\".");
  EXPECT_EQ(refusal([&] { endpoints_.describe({.endpoint_name = "No"}, operator_); }),
            "ValidationException: Could not find endpoint "
            "\"arn:aws:sagemaker:us-west-2:111122223333:endpoint/no\".");
  EXPECT_THAT(refusal([&] { endpoints_.remove({.endpoint_name = "no"}, operator_); }),
              HasSubstr("Could not find endpoint \"arn"));
  EXPECT_THAT(refusal([&] { configs_.describe({.endpoint_config_name = "no"}, operator_); }),
              HasSubstr("Could not find endpoint configuration \"arn"));
  EXPECT_THAT(refusal([&] { configs_.remove({.endpoint_config_name = "no"}, operator_); }),
              HasSubstr("Could not find endpoint configuration \"arn"));
  EXPECT_THAT(refusal([&] { models_.describe({.model_name = "no"}, operator_); }),
              HasSubstr("Could not find model \"arn"));
  EXPECT_THAT(refusal([&] { models_.remove({.model_name = "no"}, operator_); }),
              HasSubstr("Could not find model \"arn"));
  sm::CreateEndpointConfigInput without = config("second");
  without.production_variants[0].model_name = "no";
  EXPECT_THAT(refusal([&] { configs_.create(without, operator_); }),
              HasSubstr("Could not find model \"arn"));
}

TEST_F(EndpointsTest, AnUpdateStartsItsInstancesBesideTheOldOnesAndThenTellsThoseToStop) {
  serve();
  configs_.create(config("second"), operator_);
  endpoints_.update({.endpoint_name = "e", .endpoint_config_name = "second"}, operator_);
  EXPECT_EQ(status(), "Updating");
  EXPECT_EQ(describe().pending_deployment_summary->endpoint_config_name, "second");
  EXPECT_FALSE(report(kFirst, "Healthy"));
  EXPECT_FALSE(report(kSecond, "Healthy"));
  EXPECT_EQ(status(), "InService");
  EXPECT_EQ(describe().endpoint_config_name, "second");
  EXPECT_TRUE(report(kFirst, "Healthy"));
  kill(kFirst);
  wait_until([&] { return !runs(kFirst); });
  EXPECT_THAT(running(), ElementsAre(kSecond));
  EXPECT_EQ(status(), "InService");
}

TEST_F(EndpointsTest, AFailedUpdateKeepsWhatAnswers) {
  serve();
  configs_.create(config("second"), operator_);
  endpoints_.update({.endpoint_name = "e", .endpoint_config_name = "second"}, operator_);
  EXPECT_TRUE(report(kSecond, "Ended", "did not answer /ping"));
  EXPECT_EQ(status(), "RollingBack");
  EXPECT_THAT(refusal([&] {
                endpoints_.update({.endpoint_name = "e", .endpoint_config_name = "second"},
                                  operator_);
              }),
              AllOf(HasSubstr("Cannot update in-progress endpoint"), HasSubstr("RollingBack")));
  kill(kSecond);
  wait_until([&] { return status() == "InService"; });
  EXPECT_EQ(describe().failure_reason, "Variant all: did not answer /ping");
  EXPECT_EQ(describe().endpoint_config_name, "first");
  EXPECT_FALSE(report(kFirst, "Healthy"));
}

TEST_F(EndpointsTest, AFailedCreationSaysWhyAndCanOnlyBeDeleted) {
  create();
  start();
  report(kFirst, "Ended", "did not answer /ping");
  EXPECT_EQ(status(), "Failed");
  EXPECT_EQ(describe().failure_reason, "Variant all: did not answer /ping");
  EXPECT_THAT(refusal([&] {
                endpoints_.update({.endpoint_name = "e", .endpoint_config_name = "first"},
                                  operator_);
              }),
              HasSubstr("whose creation failed. Delete it"));
  kill(kFirst);
  wait_until([&] { return running().empty(); });
  endpoints_.remove({.endpoint_name = "e"}, operator_);
  EXPECT_THAT(refusal([&] { describe(); }), HasSubstr("Could not find endpoint"));
}

TEST_F(EndpointsTest, ADeletedEndpointIsGoneWhenItsServersAre) {
  serve();
  endpoints_.remove({.endpoint_name = "e"}, operator_);
  EXPECT_EQ(status(), "Deleting");
  EXPECT_TRUE(report(kFirst, "Healthy"));
  kill(kFirst);
  wait_until([&] { return refusal([&] { describe(); }) != "accepted"; });
  EXPECT_THAT(running(), IsEmpty());
}

TEST_F(EndpointsTest, AnEndpointWhoseInstancesStillWaitIsDeletedAtOnce) {
  create();
  endpoints_.remove({.endpoint_name = "e"}, operator_);
  EXPECT_THAT(refusal([&] { describe(); }), HasSubstr("Could not find endpoint"));
  records_.database().read([](records::Connection& connection) {
    EXPECT_THAT(records::QueueTable(connection).undemanding(), IsEmpty());
  });
}

TEST_F(EndpointsTest, ASupervisorThatIsKilledIsReplaced) {
  serve();
  kill(kFirst);
  wait_until([&] { return status() == "SystemUpdating"; });
  const auto variant = describe().production_variants->at(0);
  EXPECT_EQ(variant.current_instance_count, 0);
  EXPECT_THAT(variant.variant_status->at(0).status_message.value(), HasSubstr("signal 9"));
  report(kFirst, "Healthy");
  EXPECT_EQ(status(), "InService");
}

TEST_F(EndpointsTest, EndpointsOfAnEarlierRunAreServedAtOnceAndTheirLostInstancesReplaced) {
  create();
  start();
  report(kFirst, "Healthy");
  fleet_.stop();
  kill(kFirst);
  // The next daemon, on the same data.
  fleet::Fleet fleet(records_.database(), {.program = records_.directory() / "program",
                                           .data_dir = records_.directory(),
                                           .machine = fleet_.machine()});
  Traffic traffic(records_.directory());
  Endpoints again(records_.database(), fleet, programs_, traffic, std::chrono::seconds(60));
  again.restore();
  EXPECT_EQ(traffic.choose(operator_.account, "e", "", {}).outcome,
            Traffic::Choice::Outcome::Found);
  again.set_endpoint("http://127.0.0.1:9000");
  fleet.start({{std::string(workload::kEndpoint), again.handlers()}});
  wait_until([&] { return status() == "SystemUpdating"; });
  again.report({.workload = kFirst, .host = "algo-1", .phase = "Healthy"}, supervisor(kFirst));
  EXPECT_EQ(status(), "InService");
}

TEST_F(EndpointsTest, ADaemonThatStopsItsServersStartsThemAgainTheNextTime) {
  serve();
  EXPECT_TRUE(endpoints_.stop_all());
  EXPECT_TRUE(report(kFirst, "Healthy"));
  kill(kFirst);
  wait_until([&] { return !endpoints_.any_running(); });
  EXPECT_EQ(status(), "SystemUpdating");
  records_.database().read([](records::Connection& connection) {
    EXPECT_THAT(records::QueueTable(connection).undemanding(), IsEmpty());
  });
  fleet_.stop();
  Traffic traffic(records_.directory());
  Endpoints next(records_.database(), fleet_, programs_, traffic, std::chrono::seconds(60));
  next.restore();
  records_.database().read([](records::Connection& connection) {
    EXPECT_EQ(records::QueueTable(connection).undemanding().at(0).job, kFirst);
  });
}

TEST_F(EndpointsTest, WeightsChangeAtOnceAndCountsByNewInstances) {
  serve(config("first", {"a", "b"}));
  endpoints_.update_weights(
      {.endpoint_name = "e",
       .desired_weights_and_capacities = {{.variant_name = "b", .desired_weight = 4}}},
      operator_);
  EXPECT_EQ(status(), "InService");
  EXPECT_EQ(describe().production_variants->at(1).current_weight, 4);
  endpoints_.update_weights(
      {.endpoint_name = "e",
       .desired_weights_and_capacities = {{.variant_name = "a", .desired_instance_count = 2}}},
      operator_);
  EXPECT_EQ(status(), "Updating");
  report("endpoint.e.a.3", "Healthy", "", "algo-1");
  report("endpoint.e.a.3", "Healthy", "", "algo-2");
  EXPECT_EQ(status(), "InService");
  EXPECT_EQ(describe().production_variants->at(0).current_instance_count, 2);
  EXPECT_EQ(describe().production_variants->at(1).current_weight, 4);
  EXPECT_TRUE(report("endpoint.e.a.1", "Healthy"));
  EXPECT_FALSE(report("endpoint.e.b.2", "Healthy"));
}

TEST_F(EndpointsTest, AVariantMayBeNamedTwiceForItsCountAndItsWeight) {
  serve();
  endpoints_.update_weights(
      {.endpoint_name = "e",
       .desired_weights_and_capacities = {{.variant_name = "all", .desired_instance_count = 2},
                                          {.variant_name = "all", .desired_weight = 4}}},
      operator_);
  const auto pending = describe().pending_deployment_summary->production_variants->at(0);
  EXPECT_EQ(pending.desired_instance_count, 2);
  EXPECT_EQ(pending.desired_weight, 4);
}

TEST_F(EndpointsTest, WeightsAndCountsThatCannotBeAreRefused) {
  serve(config("first", {"a", "b"}));
  const auto change = [&](std::vector<sm::DesiredWeightAndCapacity> wanted) {
    return refusal([&] {
      endpoints_.update_weights(
          {.endpoint_name = "e", .desired_weights_and_capacities = std::move(wanted)}, operator_);
    });
  };
  EXPECT_THAT(change({{.variant_name = "c", .desired_weight = 1}}),
              HasSubstr("\"c\" is/are not present within endpoint configuration \"first\""));
  EXPECT_THAT(change({{.variant_name = "a", .desired_instance_count = 0}}),
              HasSubstr("1 to 20 instances"));
  EXPECT_THAT(change({{.variant_name = "a", .desired_weight = 0},
                      {.variant_name = "b", .desired_weight = 0}}),
              HasSubstr("weight 0"));
  EXPECT_THAT(change({{.variant_name = "a", .serverless_update_config = {{}}}}),
              HasSubstr("ServerlessUpdateConfig is not supported"));
  EXPECT_EQ(status(), "InService");
}

TEST_F(EndpointsTest, AnUpdateKeepsWeightsAndCountsWhenItIsToldTo) {
  serve();
  endpoints_.update_weights(
      {.endpoint_name = "e",
       .desired_weights_and_capacities = {{.variant_name = "all", .desired_weight = 4}}},
      operator_);
  configs_.create(config("second", {"all"}, 2), operator_);
  endpoints_.update({.endpoint_name = "e",
                     .endpoint_config_name = "second",
                     .retain_all_variant_properties = true,
                     .exclude_retained_variant_properties = {{{.variant_property_type =
                                                                   "DesiredInstanceCount"}}}},
                    operator_);
  const auto pending = describe().pending_deployment_summary->production_variants->at(0);
  EXPECT_EQ(pending.desired_weight, 4);
  EXPECT_EQ(pending.desired_instance_count, 2);
}

TEST_F(EndpointsTest, ListsAreFilteredSortedAndPaged) {
  create();
  for (const char* name : {"f", "g", "other"})
    endpoints_.create({.endpoint_name = name, .endpoint_config_name = "first"}, operator_);
  const auto names = [&](const sm::ListEndpointsInput& request) {
    std::vector<std::string> found;
    for (const auto& one : endpoints_.list(request, operator_).endpoints)
      found.push_back(one.endpoint_name);
    return found;
  };
  EXPECT_THAT(names({.sort_by = "Name", .sort_order = "Ascending"}),
              ElementsAre("e", "f", "g", "other"));
  EXPECT_THAT(names({.name_contains = "othe"}), ElementsAre("other"));
  EXPECT_THAT(names({.status_equals = "InService"}), IsEmpty());
  const auto page =
      endpoints_.list({.sort_by = "Name", .sort_order = "Ascending", .max_results = 3}, operator_);
  EXPECT_THAT(names({.sort_by = "Name",
                     .sort_order = "Ascending",
                     .next_token = page.next_token,
                     .max_results = 3}),
              ElementsAre("other"));
  EXPECT_THAT(refusal([&] { endpoints_.list({.next_token = page.next_token}, operator_); }),
              HasSubstr("Invalid NextToken"));
  EXPECT_EQ(models_.list({}, operator_).models.at(0).model_name, "churn");
  EXPECT_EQ(configs_.list({}, operator_).endpoint_configs.at(0).endpoint_config_name, "first");
}

TEST_F(EndpointsTest, TagsBelongToModelConfigurationAndEndpointAndGoWithThem) {
  sm::CreateModelInput tagged = model();
  tagged.tags = {{{.key = "team", .value = "a"}}};
  const std::string arn = models_.create(tagged, operator_).model_arn;
  EXPECT_THAT(tags_.list({.resource_arn = arn}, operator_).tags.value(),
              ElementsAre(sm::Tag{"team", "a"}));
  models_.remove({.model_name = "churn"}, operator_);
  EXPECT_THAT(refusal([&] { tags_.list({.resource_arn = arn}, operator_); }),
              HasSubstr("Requested resource not found."));
  EXPECT_THAT(tags_.list({.resource_arn = models_.create(model(), operator_).model_arn}, operator_)
                  .tags.value(),
              IsEmpty());
  sm::CreateEndpointConfigInput first = config("first");
  first.tags = {{{.key = "k", .value = "v"}}};
  const std::string config_arn = configs_.create(first, operator_).endpoint_config_arn;
  EXPECT_EQ(tags_.list({.resource_arn = config_arn}, operator_).tags->size(), 1U);
  const std::string endpoint_arn = endpoints_
                                       .create({.endpoint_name = "e",
                                                .endpoint_config_name = "first",
                                                .tags = std::vector<sm::Tag>{}},
                                               operator_)
                                       .endpoint_arn;
  tags_.add({.resource_arn = endpoint_arn, .tags = {{.key = "z", .value = "1"}}}, operator_);
  EXPECT_THAT(tags_.list({.resource_arn = endpoint_arn}, operator_).tags.value(),
              ElementsAre(sm::Tag{"z", "1"}));
}

}  // namespace
}  // namespace millrace::hosting
