// What requests for models and configurations are refused for, by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/hosting/check_config.h"
#include "platform/hosting/endpoints_fixture.h"

namespace millrace::hosting {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ModelRequests : public EndpointsTest {
 protected:
  std::string refused(const std::function<void(sm::CreateModelInput&)>& change) {
    sm::CreateModelInput request = model();
    change(request);
    return refusal([&] { models_.create(request, operator_); });
  }
};

TEST_F(ModelRequests, AModelIsDescribedAsItWasSent) {
  sm::CreateModelInput request = model("Churn-2");
  request.vpc_config = {{.security_group_ids = {"sg-1"}, .subnets = {"s-1"}}};
  request.enable_network_isolation = true;
  EXPECT_EQ(models_.create(request, operator_).model_arn,
            "arn:aws:sagemaker:us-west-2:111122223333:model/churn-2");
  const auto described = models_.describe({.model_name = "churn-2"}, operator_);
  EXPECT_EQ(described.model_name, "Churn-2");
  EXPECT_EQ(described.primary_container, request.primary_container);
  EXPECT_EQ(described.execution_role_arn, request.execution_role_arn);
  EXPECT_EQ(described.vpc_config, request.vpc_config);
  EXPECT_EQ(described.enable_network_isolation, true);
}

TEST_F(ModelRequests, BuiltInImagesOfAnyRegionAreKnownByTheirRepository) {
  EXPECT_EQ(refused([](auto& request) {
              request.primary_container->image =
                  "174872318107.dkr.ecr.us-west-2.amazonaws.com/linear-learner:1";
            }),
            "accepted");
  EXPECT_THAT(refused([](auto& request) { request.primary_container->image = "linear-lerner:1"; }),
              HasSubstr("Did you mean 'linear-learner'?"));
}

TEST_F(ModelRequests, DataIsAnArchiveOrAPrefixThatExists) {
  EXPECT_EQ(refused([](auto& request) {
              request.primary_container->model_data_url = "s3://models/churn/gone.tar.gz";
            }),
            "ValidationException: Could not find model data at s3://models/churn/gone.tar.gz.");
  EXPECT_THAT(refused([](auto& request) {
                request.primary_container->model_data_url = "https://models/churn/model.tar.gz";
              }),
              HasSubstr("expected a URI of the form s3://bucket/key"));
  EXPECT_THAT(
      refused([](auto& request) { request.primary_container->model_data_url = "s3://models"; }),
      HasSubstr("expected an object or a prefix, s3://bucket/key"));
  const auto source = [](const std::string& uri, const std::string& type,
                         const std::string& compression) {
    return [=](sm::CreateModelInput& request) {
      request.primary_container->model_data_url.reset();
      request.primary_container->model_data_source = {
          {.s3_data_source = {
               {.s3_uri = uri, .s3_data_type = type, .compression_type = compression}}}};
    };
  };
  EXPECT_EQ(refused(source("s3://models/tree/", "S3Prefix", "None")), "accepted");
  EXPECT_THAT(refused(source("s3://models/tree", "S3Prefix", "None")), HasSubstr("ends in '/'"));
  EXPECT_THAT(refused(source("s3://models/churn/model.tar.gz", "S3Prefix", "Gzip")),
              HasSubstr("S3DataType S3Prefix with CompressionType Gzip is not supported"));
}

TEST_F(ModelRequests, WhatIsNotServedIsNamed) {
  EXPECT_THAT(refused([](auto& request) { request.primary_container->mode = "MultiModel"; }),
              HasSubstr("Mode MultiModel is not supported"));
  EXPECT_THAT(refused([](auto& request) { request.primary_container->model_package_name = "m"; }),
              HasSubstr("ModelPackageName is not supported"));
  EXPECT_THAT(refused([](auto& request) {
                request.primary_container->image_config = {{.repository_access_mode = "Vpc"}};
              }),
              HasSubstr("ImageConfig.RepositoryAccessMode Vpc is not supported"));
  EXPECT_THAT(refused([](auto& request) {
                request.primary_container->additional_model_data_sources.emplace(1);
              }),
              HasSubstr("AdditionalModelDataSources is not supported"));
  EXPECT_THAT(
      refused([](auto& request) { request.inference_execution_config = {{.mode = "Direct"}}; }),
      HasSubstr("InferenceExecutionConfig.Mode Direct is not supported"));
  EXPECT_THAT(refused([](auto& request) {
                request.containers = {{*request.primary_container, *request.primary_container}};
                request.primary_container.reset();
              }),
              HasSubstr("Containers with several entries is not supported"));
  EXPECT_THAT(refused([](auto& request) { request.primary_container.reset(); }),
              HasSubstr("A model needs PrimaryContainer"));
}

TEST_F(ModelRequests, OneContainerMayComeAsAList) {
  EXPECT_EQ(refused([](auto& request) {
              request.containers = {{*request.primary_container}};
              request.primary_container.reset();
            }),
            "accepted");
}

class ConfigRequests : public testing::Test {
 protected:
  static std::string refused(const std::function<void(sm::CreateEndpointConfigInput& request,
                                                      sm::ProductionVariant& variant)>& change) {
    sm::CreateEndpointConfigInput request{
        .endpoint_config_name = "c",
        .production_variants = {{.variant_name = "all",
                                 .model_name = "m",
                                 .initial_instance_count = 1,
                                 .instance_type = "ml.m5.large"}}};
    change(request, request.production_variants.front());
    return refusal([&] { check_config(request); });
  }
};

TEST_F(ConfigRequests, AnOrdinaryConfigurationIsAccepted) {
  EXPECT_EQ(refused([](auto&, auto&) {}), "accepted");
  EXPECT_EQ(refused([](auto& request, auto& variant) {
              variant.routing_config = {{.routing_strategy = "LEAST_OUTSTANDING_REQUESTS"}};
              variant.volume_size_in_gb = 8;
              request.data_capture_config = {{.enable_capture = false}};
            }),
            "accepted");
}

TEST_F(ConfigRequests, WhatIsNotServedIsNamed) {
  const auto names = [](const std::string& member, auto change) {
    EXPECT_THAT(refused(change), HasSubstr(member + " is not supported: ")) << member;
  };
  names("DataCaptureConfig",
        [](auto& request, auto&) { request.data_capture_config = {{.enable_capture = true}}; });
  names("AsyncInferenceConfig",
        [](auto& request, auto&) { request.async_inference_config.emplace(); });
  names("ExplainerConfig", [](auto& request, auto&) { request.explainer_config.emplace(); });
  names("ShadowProductionVariants",
        [](auto& request, auto& variant) { request.shadow_production_variants = {{variant}}; });
  names("KmsKeyId", [](auto& request, auto&) { request.kms_key_id = "key"; });
  names("MetricsConfig", [](auto& request, auto&) { request.metrics_config.emplace(); });
  names("ServerlessConfig", [](auto&, auto& variant) { variant.serverless_config.emplace(); });
  names("InstancePools", [](auto&, auto& variant) { variant.instance_pools.emplace(1); });
  names("AcceleratorType",
        [](auto&, auto& variant) { variant.accelerator_type = "ml.eia1.medium"; });
  names("CoreDumpConfig", [](auto&, auto& variant) { variant.core_dump_config.emplace(); });
  names("ManagedInstanceScaling",
        [](auto&, auto& variant) { variant.managed_instance_scaling.emplace(); });
  names("EnableSSMAccess", [](auto&, auto& variant) { variant.enable_ssm_access = true; });
  names("InferenceAmiVersion", [](auto&, auto& variant) { variant.inference_ami_version = "x"; });
  names("CapacityReservationConfig",
        [](auto&, auto& variant) { variant.capacity_reservation_config.emplace(); });
  names("ModelName left out", [](auto&, auto& variant) { variant.model_name.reset(); });
}

TEST_F(ConfigRequests, VariantsNeedInstancesNamesAndSomeWeight) {
  EXPECT_THAT(refused([](auto&, auto& variant) { variant.instance_type.reset(); }),
              HasSubstr("ProductionVariants[0].InstanceType must be given"));
  EXPECT_THAT(refused([](auto&, auto& variant) { variant.initial_instance_count = 21; }),
              HasSubstr("1 to 20 instances"));
  EXPECT_THAT(refused([](auto&, auto& variant) { variant.initial_variant_weight = 0; }),
              HasSubstr("Give one a weight"));
  EXPECT_THAT(refused([](auto& request, auto&) {
                auto twin = request.production_variants.front();
                twin.variant_name = "ALL";
                request.production_variants.push_back(twin);
              }),
              HasSubstr("Two variants are named 'ALL'"));
}

TEST(DeploymentRequests, AllAtOnceIsServedAndOthersAreNamed) {
  const auto refused = [](const sm::DeploymentConfig& config) {
    return refusal([&] { check_deployment(config); });
  };
  const auto blue_green = [](const std::string& type) {
    return sm::DeploymentConfig{
        .blue_green_update_policy = {{.traffic_routing_configuration = {.type = type}}}};
  };
  EXPECT_EQ(refused(blue_green("ALL_AT_ONCE")), "accepted");
  EXPECT_THAT(refused(blue_green("CANARY")),
              HasSubstr("TrafficRoutingConfiguration.Type CANARY is not supported"));
  EXPECT_THAT(refused({.rolling_update_policy = {{}}}),
              HasSubstr("RollingUpdatePolicy is not supported"));
  EXPECT_THAT(refused({.auto_rollback_configuration = {{.alarms = {{{.alarm_name = "a"}}}}}}),
              HasSubstr("AutoRollbackConfiguration is not supported"));
}

}  // namespace
}  // namespace millrace::hosting
