#include "platform/jobs/check_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/request_fixture.h"
#include "platform/jobs/s3_location.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using Request = sm::CreateTrainingJobRequest;

/// What check_request says once `change` was made to an acceptable request; without the code, which
/// is the same for every rule.
std::string told(const std::function<void(Request&)>& change) {
  Request request = small_request();
  change(request);
  const std::string text = refusal([&] { check_request(request); });
  constexpr std::string_view kCode = "ValidationException: ";
  return text.starts_with(kCode) ? text.substr(kCode.size()) : text;
}

sm::Channel& channel(Request& request) {
  return request.input_data_config->front();
}
sm::S3DataSource& source(Request& request) {
  return *channel(request).data_source.s3_data_source;
}

TEST(CheckRequest, TheSmallestRequestIsAccepted) {
  EXPECT_EQ(told([](Request&) {}), "accepted");
  EXPECT_EQ(told([](Request& r) { r.input_data_config.reset(); }), "accepted");
}

TEST(CheckRequest, WhatEveryJobNeedsIsAskedForTogether) {
  EXPECT_EQ(told([](Request& r) {
              r.algorithm_specification.reset();
              r.stopping_condition.reset();
              r.resource_config->instance_type.reset();
            }),
            "3 validation errors detected: Value null at 'algorithmSpecification' failed to "
            "satisfy constraint: Member "
            "must not be null; Value null at 'stoppingCondition' failed to satisfy constraint: "
            "Member must not be null; "
            "Value null at 'resourceConfig.instanceType' failed to satisfy constraint: Member must "
            "not be null");
}

TEST(CheckRequest, ExactlyOneOfImageAndAlgorithm) {
  const std::string rule =
      "AlgorithmSpecification: exactly one of TrainingImage and AlgorithmName must be given.";
  EXPECT_EQ(told([](Request& r) { r.algorithm_specification->training_image.reset(); }), rule);
  EXPECT_EQ(told([](Request& r) { r.algorithm_specification->algorithm_name = "a"; }), rule);
  EXPECT_EQ(told([](Request& r) {
              r.algorithm_specification->training_image.reset();
              r.algorithm_specification->algorithm_name = "a";
            }),
            "AlgorithmSpecification.AlgorithmName is not supported: there are no algorithm "
            "resources here. Name a "
            "built-in algorithm or a registered image in TrainingImage.");
}

TEST(CheckRequest, WhatAProgramIsGivenHoldsNoNul) {
  const std::string evil("a\0b", 3);
  const std::string rule = " contains a NUL byte, which no program can be given. Leave it out.";
  EXPECT_EQ(told([&](Request& r) {
              r.environment = {{"A", "fine"}, {"B", evil}};
            }),
            "Environment.B" + rule);
  EXPECT_EQ(told([&](Request& r) {
              r.algorithm_specification->container_entrypoint = std::vector<std::string>{evil};
            }),
            "AlgorithmSpecification.ContainerEntrypoint" + rule);
  EXPECT_EQ(told([&](Request& r) {
              r.algorithm_specification->container_arguments = std::vector<std::string>{"a", evil};
            }),
            "AlgorithmSpecification.ContainerArguments" + rule);
}

TEST(CheckRequest, ChannelNamesAreUnique) {
  EXPECT_EQ(told([](Request& r) { r.input_data_config->push_back(channel(r)); }),
            "InputDataConfig: the channel name 'train' is used twice.");
}

TEST(CheckRequest, ChannelNamesAreFilesOfTheirOwn) {
  EXPECT_EQ(told([](Request& r) { channel(r).channel_name = ".."; }),
            "channel '..': the name would lead out of input/data. Choose another.");
  const auto beside_a_pipe = [](const char* name) {
    return told([&](Request& r) {
      r.input_data_config->push_back(channel(r));
      channel(r).input_mode = "Pipe";
      r.input_data_config->back().channel_name = name;
    });
  };
  EXPECT_EQ(beside_a_pipe("train_12"),
            "channel 'train_12': the name is that of a FIFO of the Pipe channel 'train'. Choose "
            "another.");
  EXPECT_EQ(beside_a_pipe("train_lst"), "accepted");
  EXPECT_EQ(beside_a_pipe("train_"), "accepted");
}

TEST(CheckRequest, AChannelHasExactlyOneSource) {
  const std::string rule =
      "channel 'train': DataSource must hold exactly one of S3DataSource, FileSystemDataSource and "
      "DatasetSource.";
  EXPECT_EQ(told([](Request& r) { channel(r).data_source.s3_data_source.reset(); }), rule);
  EXPECT_EQ(told([](Request& r) { channel(r).data_source.file_system_data_source.emplace(); }),
            rule);
}

TEST(CheckRequest, FileSystemsGoWithFileModeOnly) {
  const auto file_system = [](Request& r) {
    channel(r).data_source.s3_data_source.reset();
    channel(r).data_source.file_system_data_source.emplace();
  };
  EXPECT_EQ(told(file_system), "accepted");
  EXPECT_EQ(told([&](Request& r) {
              file_system(r);
              channel(r).input_mode = "Pipe";
            }),
            "channel 'train': FileSystemDataSource goes with input mode File only, not with Pipe.");
  EXPECT_EQ(told([&](Request& r) {
              file_system(r);
              r.algorithm_specification->training_input_mode = "FastFile";
            }),
            "channel 'train': FileSystemDataSource goes with input mode File only, not with "
            "FastFile.");
}

TEST(CheckRequest, CompressionAndWrappingGoWithPipeModeOnly) {
  EXPECT_EQ(told([](Request& r) { channel(r).compression_type = "Gzip"; }),
            "channel 'train': CompressionType Gzip goes with input mode Pipe only, not with File.");
  EXPECT_EQ(
      told([](Request& r) { channel(r).record_wrapper_type = "RecordIO"; }),
      "channel 'train': RecordWrapperType RecordIO goes with input mode Pipe only, not with File.");
  EXPECT_EQ(told([](Request& r) { channel(r).compression_type = "None"; }), "accepted");
}

TEST(CheckRequest, CompressionAndWrappingAreAcceptedWhereTheChannelsOwnModeIsPipe) {
  EXPECT_EQ(told([](Request& r) {
              channel(r).input_mode = "Pipe";
              channel(r).compression_type = "Gzip";
              channel(r).record_wrapper_type = "RecordIO";
            }),
            "accepted");
  EXPECT_EQ(told([](Request& r) {
              r.algorithm_specification->training_input_mode = "Pipe";
              channel(r).input_mode = "File";
              channel(r).compression_type = "Gzip";
            }),
            "channel 'train': CompressionType Gzip goes with input mode Pipe only, not with File.");
}

TEST(CheckRequest, ManifestsFollowTheirRules) {
  const auto manifest = [](Request& r, const char* type, const char* mode) {
    channel(r).input_mode = mode;
    source(r).s3_data_type = type;
    source(r).s3_uri = "s3://data/train.manifest";
  };
  EXPECT_EQ(told([&](Request& r) { manifest(r, "ManifestFile", "File"); }), "accepted");
  EXPECT_EQ(told([&](Request& r) { manifest(r, "ManifestFile", "Pipe"); }), "accepted");
  EXPECT_EQ(told([&](Request& r) { manifest(r, "ManifestFile", "FastFile"); }),
            "channel 'train': input mode FastFile goes with S3DataType S3Prefix only.");
  EXPECT_EQ(told([&](Request& r) {
              manifest(r, "ManifestFile", "File");
              source(r).s3_uri = "s3://data/folder/";
            }),
            "channel 'train': S3Uri: got \"s3://data/folder/\", expected the URI of a manifest, "
            "which is an object.");
  EXPECT_EQ(told([&](Request& r) { manifest(r, "AugmentedManifestFile", "File"); }),
            "channel 'train': S3DataType AugmentedManifestFile goes with input mode Pipe only, not "
            "with File.");
  for (const auto& names :
       {std::optional<std::vector<std::string>>{}, std::optional(std::vector<std::string>{})}) {
    EXPECT_EQ(told([&](Request& r) {
                manifest(r, "AugmentedManifestFile", "Pipe");
                source(r).attribute_names = names;
              }),
              "channel 'train': S3DataType AugmentedManifestFile needs AttributeNames.");
  }
  EXPECT_EQ(told([&](Request& r) {
              manifest(r, "AugmentedManifestFile", "Pipe");
              source(r).attribute_names = {{"image-ref", "label"}};
            }),
            "accepted");
  EXPECT_EQ(told([](Request& r) { source(r).attribute_names = {{"a"}}; }),
            "channel 'train': AttributeNames goes with S3DataType AugmentedManifestFile only. "
            "Leave it out.");
  EXPECT_EQ(told([](Request& r) { source(r).s3_data_type = "Converse"; }),
            "channel 'train': S3DataType Converse is not supported: use S3Prefix, ManifestFile or "
            "AugmentedManifestFile.");
}

TEST(CheckRequest, EveryInputModeIsAcceptedWhereverItIsGiven) {
  for (const char* mode : {"File", "Pipe", "FastFile"}) {
    EXPECT_EQ(told([&](Request& r) { r.algorithm_specification->training_input_mode = mode; }),
              "accepted")
        << mode;
    EXPECT_EQ(told([&](Request& r) { channel(r).input_mode = mode; }), "accepted") << mode;
  }
}

TEST(CheckRequest, CheckpointsLieOutsideOfWhatTheJobOrTheSystemOwns) {
  const auto at = [](const std::string& path) {
    return told([&](Request& r) {
      r.checkpoint_config = {{.s3_uri = "s3://models/checkpoints", .local_path = path}};
    });
  };
  for (const char* path : {"/opt/ml/checkpoints", "/opt/ml/checkpoints/", "/opt/ml/output/tensors",
                           "/opt/ml/models", "/state", ""})
    EXPECT_EQ(at(path), "accepted") << path;
  for (const char* path : {"/opt/ml/model", "/opt/ml/model/", "/opt/ml/model/a",
                           "/opt/ml/input/data", "/opt/ml/output/data/x", "/opt/ml/output",
                           "/opt/ml", "/", "/usr/lib", "/opt/ml/./model", "/opt//ml/model"}) {
    EXPECT_THAT(at(path), ::testing::StartsWith("CheckpointConfig.LocalPath: got \"")) << path;
  }
  EXPECT_EQ(at("/opt/ml/model/a"),
            "CheckpointConfig.LocalPath: got \"/opt/ml/model/a\", expected a folder that is not "
            "/opt/ml/model, does not lie in it and does not hold it. /opt/ml/checkpoints is the "
            "usual place.");
  for (const char* path : {"checkpoints", "/opt/ml/checkpoints/../model"}) {
    EXPECT_EQ(at(path), "CheckpointConfig.LocalPath: got \"" + std::string(path) +
                            "\", expected an absolute path without '..'. /opt/ml/checkpoints is "
                            "the usual place.");
  }
  EXPECT_EQ(told([](Request& r) { r.checkpoint_config = {{.s3_uri = "https://b/k"}}; }),
            "CheckpointConfig.S3Uri: got \"https://b/k\", expected a URI of the form "
            "s3://bucket/key. Use the s3:// form.");
}

TEST(CheckRequest, UrisAreOfTheS3Form) {
  EXPECT_EQ(told([](Request& r) { source(r).s3_uri = "https://s3.amazonaws.com/b/k"; }),
            "channel 'train': S3Uri: got \"https://s3.amazonaws.com/b/k\", expected a URI of the "
            "form s3://bucket/key. "
            "Use the s3:// form.");
  EXPECT_EQ(told([](Request& r) { r.output_data_config.s3_output_path = "https://b/k"; }),
            "OutputDataConfig.S3OutputPath: got \"https://b/k\", expected a URI of the form "
            "s3://bucket/key. Use the s3:// "
            "form.");
}

TEST(CheckRequest, WaitTimeNeedsSpotAndSpotNeedsWaitTime) {
  EXPECT_EQ(told([](Request& r) { r.stopping_condition->max_wait_time_in_seconds = 900; }),
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is "
            "set to true");
  EXPECT_EQ(
      told([](Request& r) { r.enable_managed_spot_training = true; }),
      "Invalid MaxWaitTimeInSeconds. It is required when EnableManagedSpotTraining is set to true");
  EXPECT_EQ(told([](Request& r) {
              r.enable_managed_spot_training = true;
              r.stopping_condition->max_wait_time_in_seconds = 599;
            }),
            "Invalid MaxWaitTimeInSeconds. It must be at least MaxRuntimeInSeconds");
  EXPECT_EQ(told([](Request& r) {
              r.enable_managed_spot_training = true;
              r.stopping_condition->max_wait_time_in_seconds = 600;
            }),
            "accepted");
}

TEST(CheckRequest, RuntimeHasATopAndInstancesABottom) {
  EXPECT_EQ(told([](Request& r) { r.stopping_condition->max_runtime_in_seconds = 2419201; }),
            "1 validation error detected: Value '2419201' at "
            "'stoppingCondition.maxRuntimeInSeconds' failed to satisfy "
            "constraint: Member must have value less than or equal to 2419200");
  EXPECT_EQ(told([](Request& r) { r.resource_config->instance_count = 0; }),
            "1 validation error detected: Value '0' at 'resourceConfig.instanceCount' failed to "
            "satisfy constraint: Member "
            "must have value greater than or equal to 1");
  EXPECT_EQ(told([](Request& r) { r.resource_config->volume_size_in_gb = 0; }),
            "1 validation error detected: Value '0' at 'resourceConfig.volumeSizeInGB' failed to "
            "satisfy constraint: Member "
            "must have value greater than or equal to 1");
}

/// Two groups of one and two hosts.
void with_groups(Request& r) {
  r.resource_config = {
      {.volume_size_in_gb = 1,
       .instance_groups = {
           {{.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "a"},
            {.instance_type = "ml.c5.xlarge", .instance_count = 2, .instance_group_name = "b"}}}}};
}

TEST(CheckRequest, InstanceGroupsExcludeTypeAndCountAndAreWhole) {
  EXPECT_EQ(told([](Request& r) { r.resource_config->instance_groups.emplace(); }),
            "ResourceConfig: InstanceGroups excludes InstanceType and InstanceCount.");
  EXPECT_EQ(told(with_groups), "accepted");
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              r.resource_config->instance_groups->clear();
            }),
            "ResourceConfig: InstanceGroups must have at least one group.");
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              r.resource_config->instance_groups->at(1).instance_group_name = "a";
            }),
            "ResourceConfig.InstanceGroups: the name 'a' is used twice.");
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              r.resource_config->instance_groups->at(1).instance_count = 0;
            }),
            "1 validation error detected: Value '0' at "
            "'resourceConfig.instanceGroups.2.member.instanceCount' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1");
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              r.resource_config->keep_alive_period_in_seconds = 60;
            }),
            "ResourceConfig.KeepAlivePeriodInSeconds cannot be combined with InstanceGroups.");
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              r.resource_config->volume_size_in_gb.reset();
            }),
            "1 validation error detected: Value null at 'resourceConfig.volumeSizeInGB' failed to "
            "satisfy constraint: Member must not be null");
}

TEST(CheckRequest, AChannelNamesOnlyGroupsThatThereAre) {
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              source(r).instance_group_names = {{"b"}};
            }),
            "accepted");
  const std::string rule =
      "channel 'train': InstanceGroupNames names 'g', which is no group of "
      "ResourceConfig.InstanceGroups.";
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              source(r).instance_group_names = {{"b", "g"}};
            }),
            rule);
  EXPECT_EQ(told([](Request& r) { source(r).instance_group_names = {{"g"}}; }), rule);
}

TEST(CheckRequest, SeveralInstancesAreAcceptedUpToTheirLimit) {
  EXPECT_EQ(told([](Request& r) {
              r.resource_config->instance_count = 20;
              source(r).s3_data_distribution_type = "ShardedByS3Key";
            }),
            "accepted");
  EXPECT_EQ(told([](Request& r) { r.resource_config->instance_count = 21; }),
            "ResourceLimitExceeded: The account-level service limit 'ml.m5.large for training job "
            "usage' is 20 Instances, with current utilization of 0 Instances and a request delta "
            "of 21 Instances. All instances of a job run on one machine: ask for fewer.");
  EXPECT_EQ(told([](Request& r) {
              with_groups(r);
              r.resource_config->instance_groups->at(0).instance_count = 19;
            }).substr(0, 22),
            "ResourceLimitExceeded:");
}

TEST(CheckRequest, KeepAliveExcludesSpot) {
  EXPECT_EQ(
      told([](Request& r) {
        r.enable_managed_spot_training = true;
        r.resource_config->keep_alive_period_in_seconds = 60;
      }),
      "ResourceConfig.KeepAlivePeriodInSeconds cannot be combined with EnableManagedSpotTraining.");
}

TEST(CheckRequest, AVolumeKeyCannotGoWithALocalDisk) {
  EXPECT_EQ(told([](Request& r) {
              r.resource_config->instance_type = "ml.g4dn.xlarge";
              r.resource_config->volume_kms_key_id = "k";
            }),
            "ResourceConfig.VolumeKmsKeyId cannot be given for ml.g4dn.xlarge, whose volume is a "
            "local NVMe disk.");
}

TEST(CheckRequest, WhatIsNotServedIsRefusedByName) {
  const std::pair<const char*, std::function<void(Request&)>> members[] = {
      {"ResourceConfig.VolumeKmsKeyId",
       [](Request& r) { r.resource_config->volume_kms_key_id = "k"; }},
      {"ResourceConfig.KeepAlivePeriodInSeconds",
       [](Request& r) { r.resource_config->keep_alive_period_in_seconds = 1; }},
      {"ResourceConfig.TrainingPlanArn",
       [](Request& r) { r.resource_config->training_plan_arn = "a"; }},
      {"ResourceConfig.InstancePlacementConfig",
       [](Request& r) { r.resource_config->instance_placement_config.emplace(); }},
      {"OutputDataConfig.KmsKeyId", [](Request& r) { r.output_data_config.kms_key_id = "k"; }},
      {"StoppingCondition.MaxPendingTimeInSeconds",
       [](Request& r) { r.stopping_condition->max_pending_time_in_seconds = 7200; }},
      {"EnableInterContainerTrafficEncryption",
       [](Request& r) { r.enable_inter_container_traffic_encryption = true; }},
      {"ExperimentConfig", [](Request& r) { r.experiment_config = {{.experiment_name = "e"}}; }},
      {"ServerlessJobConfig", [](Request& r) { r.serverless_job_config.emplace(); }},
      {"MlflowConfig", [](Request& r) { r.mlflow_config.emplace(); }},
      {"ModelPackageConfig", [](Request& r) { r.model_package_config.emplace(); }},
      {"AlgorithmSpecification.TrainingImageConfig",
       [](Request& r) {
         r.algorithm_specification->training_image_config = {
             {.training_repository_access_mode = "Vpc"}};
       }},
      {"channel 'train': DatasetSource",
       [](Request& r) {
         channel(r).data_source.s3_data_source.reset();
         channel(r).data_source.dataset_source.emplace();
       }},
  };
  for (const auto& [member, change] : members) {
    EXPECT_THAT(told(change), ::testing::StartsWith(std::string(member) + " is not supported: "))
        << member;
  }
}

TEST(CheckRequest, WhatHasNoEffectHereIsAcceptedAsSent) {
  EXPECT_EQ(
      told([](Request& r) {
        r.vpc_config = {{.security_group_ids = {"sg-1"}, .subnets = {"subnet-1"}}};
        r.debug_hook_config = {{.s3_output_path = "s3://b/d", .collection_configurations = {{}}}};
        r.profiler_config = {{.s3_output_path = "s3://b/d", .disable_profiler = false}};
        r.tensor_board_output_config = {{.s3_output_path = "s3://b/t"}};
        r.output_data_config.kms_key_id = "";
        r.resource_config->keep_alive_period_in_seconds = 0;
        r.enable_managed_spot_training = false;
        source(r).s3_data_distribution_type = "ShardedByS3Key";
        channel(r).shuffle_config = {{.seed = 1}};
      }),
      "accepted");
}

TEST(CheckRequest, MetricPatternsCompileAndTheirNamesAreUnique) {
  EXPECT_EQ(told([](Request& r) {
              r.algorithm_specification->metric_definitions = {
                  {{.name = "a", .regex = "x=(.*)"}, {.name = "a", .regex = "y"}}};
            }),
            "AlgorithmSpecification.MetricDefinitions: the name 'a' is used twice.");
  EXPECT_EQ(told([](Request& r) {
              r.algorithm_specification->metric_definitions = {{{.name = "a", .regex = "x=(.*"}}};
            }),
            "AlgorithmSpecification.MetricDefinitions: Regex of 'a': got \"x=(.*\", expected a "
            "regular expression. At "
            "character 5: missing closing parenthesis.");
}

TEST(CheckRequest, TagKeysAreUniqueAndNotReserved) {
  EXPECT_EQ(told([](Request& r) { r.tags = {{{.key = "aws:x", .value = ""}}}; }),
            "Tag key 'aws:x' begins with 'aws:', which is reserved. Choose another key.");
  EXPECT_EQ(told([](Request& r) {
              r.tags = {{{.key = "a"}, {.key = "a"}}};
            }),
            "Tag key 'a' is given twice.");
}

TEST(Defaults, AreWhatDescribeShows) {
  Request request = small_request();
  request.stopping_condition->max_runtime_in_seconds.reset();
  request.tags = {{{.key = "a"}}};
  request.checkpoint_config = {{.s3_uri = "s3://models/c"}};
  const Request filled = with_defaults(request);
  EXPECT_EQ(filled.stopping_condition->max_runtime_in_seconds, 86400);
  EXPECT_EQ(filled.output_data_config.kms_key_id, "");
  EXPECT_EQ(filled.output_data_config.compression_type, "GZIP");
  EXPECT_EQ(filled.input_data_config->at(0).compression_type, "None");
  EXPECT_EQ(filled.input_data_config->at(0).record_wrapper_type, "None");
  EXPECT_EQ(filled.input_data_config->at(0).data_source.s3_data_source->s3_data_distribution_type,
            "FullyReplicated");
  EXPECT_EQ(filled.checkpoint_config->local_path, "/opt/ml/checkpoints/");
  EXPECT_EQ(filled.enable_network_isolation, false);
  EXPECT_EQ(filled.enable_managed_spot_training, false);
  EXPECT_EQ(filled.enable_inter_container_traffic_encryption, false);
  EXPECT_EQ(filled.algorithm_specification->enable_sage_maker_metrics_time_series, false);
  EXPECT_FALSE(filled.tags);
  EXPECT_FALSE(filled.hyper_parameters);
}

TEST(S3Location, IsBucketAndKey) {
  EXPECT_EQ(parse_s3_uri("s3://b", "x").bucket, "b");
  EXPECT_EQ(parse_s3_uri("s3://b", "x").key, "");
  EXPECT_EQ(parse_s3_uri("s3://b/a/c", "x").key, "a/c");
}

}  // namespace
}  // namespace millrace::jobs
