#include "platform/jobs/ticket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "platform/jobs/training_jobs_fixture.h"
#include "platform/logs/logs.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(TrainingJobsTest, TheTicketHoldsEverythingTheSupervisorNeeds) {
  auto request = built_in();
  request.hyper_parameters = {{{"epochs", "3"}}};
  request.environment = {{{"OMP_NUM_THREADS", "7"}, {"K", "v"}}};
  request.output_data_config.s3_output_path = "s3://models/churn/";
  jobs_.create(request, operator_);
  const control::JobTicket ticket = this->ticket();
  EXPECT_EQ(ticket.job_arn, "arn:aws:sagemaker:us-west-2:111122223333:training-job/job-1");
  EXPECT_EQ(ticket.region, "us-west-2");
  EXPECT_THAT(ticket.hosts, ElementsAre("algo-1"));
  EXPECT_THAT(ticket.command, ElementsAre("/opt/millrace/bin/millrace-trainer", "train"));
  EXPECT_THAT(ticket.read_only_binds, ElementsAre("/opt/millrace/bin/millrace-trainer"));
  EXPECT_EQ(ticket.environment.at("MILLRACE_ALGORITHM"), "image-classification");
  EXPECT_EQ(ticket.environment.at("OMP_NUM_THREADS"), "7") << "what the user says wins";
  EXPECT_EQ(ticket.environment.at("K"), "v");
  EXPECT_EQ(ticket.environment.at("AWS_ENDPOINT_URL"), "http://127.0.0.1:9000");
  EXPECT_EQ(ticket.environment.at("AWS_ACCESS_KEY_ID"), program().access_key);
  EXPECT_EQ(ticket.hyper_parameters.at("epochs"), "3");
  EXPECT_EQ(ticket.channels.at(0).s3_source->s3_uri, "s3://data/train/");
  EXPECT_EQ(ticket.channels.at(0).input_mode, "File");
  EXPECT_EQ(ticket.output_s3_uri, "s3://models/churn/job-1/output") << "joined with one slash";
  EXPECT_TRUE(ticket.compress_output);
  EXPECT_EQ(ticket.metrics.at(0).regex, "acc=(\\S+)");
  EXPECT_EQ(ticket.log_group, "/aws/sagemaker/TrainingJobs");
  EXPECT_THAT(ticket.log_stream, ::testing::MatchesRegex("job-1/algo-1-[0-9]+"));
  EXPECT_EQ(ticket.cpus, 0) << "two of the machine's two CPUs are no limit";
  EXPECT_EQ(ticket.memory_bytes, std::int64_t{8} << 30);
  EXPECT_EQ(ticket.volume_bytes, std::int64_t{10} << 30);
  EXPECT_EQ(ticket.max_runtime_in_seconds, 600);
  EXPECT_EQ(ticket.grace_period_in_seconds, 120);
  EXPECT_EQ(this->ticket().log_stream, ticket.log_stream) << "a ticket asked for again is the same";
  logs::Logs logs(records_.database());
  EXPECT_EQ(logs.describe_streams({.log_group_name = ticket.log_group}, operator_)
                .log_streams->at(0)
                .log_stream_name,
            ticket.log_stream);
  EXPECT_EQ(describe().secondary_status_transitions->at(0).status_message,
            "Preparing the instances for training");
}

TEST_F(TrainingJobsTest, AnExecutableImageRunsItsCommandWithTheJobsArguments) {
  auto request = small_request();
  request.enable_network_isolation = true;
  jobs_.create(request, operator_);
  const control::JobTicket plain = ticket();
  EXPECT_THAT(plain.command, ElementsAre("/opt/churn/train", "-v", "train"));
  EXPECT_THAT(plain.read_only_binds, ElementsAre("/opt/churn"));
  EXPECT_TRUE(plain.network_isolation);
  EXPECT_FALSE(plain.environment.contains("AWS_ACCESS_KEY_ID")) << "an isolated job has no keys";
  EXPECT_FALSE(plain.environment.contains("AWS_ENDPOINT_URL"));
  report(supervisor(), {.outcome = {{.result = "Completed"}}});
  ::kill(static_cast<pid_t>(pid_of("job-1").value()), SIGKILL);

  request = small_request("job-2");
  request.algorithm_specification->container_entrypoint = {{"/bin/sh", "-c"}};
  request.algorithm_specification->container_arguments = {{"true"}};
  jobs_.create(request, operator_);
  EXPECT_THAT(ticket("job-2").command, ElementsAre("/bin/sh", "-c", "true"));
}

TEST_F(TrainingJobsTest, EveryHostGetsATicketOfItsOwn) {
  sm::CreateTrainingJobRequest request = of_two_hosts();
  request.input_data_config->front().data_source.s3_data_source->s3_data_distribution_type =
      "ShardedByS3Key";
  request.input_data_config->front().shuffle_config = {{.seed = 7}};
  request.checkpoint_config = {{.s3_uri = "s3://models/c"}};
  jobs_.create(request, operator_);
  const control::JobTicket first = ticket_of_host("algo-1");
  const control::JobTicket second = ticket_of_host("algo-2");
  EXPECT_EQ(first.host, "algo-1");
  EXPECT_EQ(second.host, "algo-2");
  for (const control::JobTicket& ticket : {first, second}) {
    EXPECT_THAT(ticket.hosts, ElementsAre("algo-1", "algo-2"));
    const std::int64_t lease =
        records_.database()
            .read([&](records::Connection& connection) {
              return fleet_.lease_number(connection, operator_.account, "job-1");
            })
            .value();
    EXPECT_EQ(ticket.host_addresses->at("algo-1"), host_address(lease, 1));
    EXPECT_EQ(ticket.host_addresses->at("algo-2"), host_address(lease, 2));
    EXPECT_EQ(ticket.cpus, 1) << "half of the machine's two";
    EXPECT_EQ(ticket.memory_bytes, 0x200000000) << "its type's, of which there are two";
    EXPECT_EQ(ticket.channels.at(0).s3_source->shards, 2);
    EXPECT_EQ(ticket.channels.at(0).shuffle_seed, 7);
    EXPECT_EQ(ticket.checkpoint_s3_uri, "s3://models/c");
    EXPECT_EQ(ticket.checkpoint_local_path, "/opt/ml/checkpoints/");
    EXPECT_FALSE(ticket.instance_groups);
  }
  EXPECT_EQ(first.channels.at(0).s3_source->shard, 0);
  EXPECT_EQ(second.channels.at(0).s3_source->shard, 1);
  EXPECT_THAT(first.log_stream, ::testing::StartsWith("job-1/algo-1-"));
  EXPECT_THAT(second.log_stream, ::testing::StartsWith("job-1/algo-2-"));
  EXPECT_THAT(refusal([&] { ticket_of_host("algo-3"); }),
              HasSubstr("The job has no host 'algo-3'."));
}

TEST_F(TrainingJobsTest, GroupsNumberTheirHostsThroughAndGetOnlyTheirChannels) {
  sm::CreateTrainingJobRequest request = small_request();
  request.resource_config = {
      {.volume_size_in_gb = 1,
       .instance_groups = {
           {{.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "a"},
            {.instance_type = "ml.c5.xlarge", .instance_count = 2, .instance_group_name = "b"}}}}};
  auto& source = *request.input_data_config->front().data_source.s3_data_source;
  source.instance_group_names = {{"b"}};
  source.s3_data_distribution_type = "ShardedByS3Key";
  jobs_.create(request, operator_);
  const control::JobTicket first = ticket_of_host("algo-1");
  const control::JobTicket third = ticket_of_host("algo-3");
  EXPECT_EQ(first.instance_type, "ml.m5.large");
  EXPECT_EQ(third.instance_type, "ml.c5.xlarge");
  EXPECT_THAT(first.channels, IsEmpty());
  EXPECT_EQ(third.channels.at(0).s3_source->shard, 1);
  EXPECT_EQ(third.channels.at(0).s3_source->shards, 2);
  ASSERT_EQ(third.instance_groups->size(), 2U);
  EXPECT_THAT(third.instance_groups->at(1).hosts, ElementsAre("algo-2", "algo-3"));
  EXPECT_EQ(describe().resource_config, request.resource_config);
}

TEST_F(TrainingJobsTest, AChannelOfAFileSystemIsToldWithItsPlaceOnThisMachine) {
  const std::filesystem::path path =
      add_file_system("fs-0123456789", "FSxLustre", "s3://data/train");
  jobs_.create(on_file_system("fs-0123456789", "FSxLustre", "/fsx/pictures"), operator_);
  const control::TicketChannel channel = ticket().channels.at(0);
  EXPECT_FALSE(channel.s3_source);
  ASSERT_TRUE(channel.file_system);
  EXPECT_EQ(channel.file_system->host_path, path.string());
  EXPECT_EQ(channel.file_system->directory_path, "/fsx/pictures");
  EXPECT_EQ(channel.file_system->access_mode, "ro");
  EXPECT_EQ(channel.file_system->linked_s3_uri, "s3://data/train");
}

TEST(HostAddress, IsALoopbackAddressOfTheLease) {
  EXPECT_EQ(host_address(1, 1), "127.1.1.1");
  EXPECT_EQ(host_address(256, 20), "127.2.0.20");
  EXPECT_EQ(host_address(254 * 256 - 1, 1), "127.254.255.1");
  EXPECT_EQ(host_address(254 * 256, 1), "127.1.0.1");
}

}  // namespace
}  // namespace millrace::jobs
