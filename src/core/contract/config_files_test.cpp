#include "core/contract/config_files.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(ConfigFiles, EveryHyperparameterIsAStringWithTheBytesTheClientSent) {
  EXPECT_EQ(hyperparameters_json({{"epochs", "30"},
                                  {"learning_rate", "0.05"},
                                  {"sagemaker_program", "\"train.py\""},
                                  {"classes", "[\"cat\", \"größe\"]"}}),
            R"({"classes":"[\"cat\", \"größe\"]","epochs":"30","learning_rate":"0.05",)"
            R"("sagemaker_program":"\"train.py\""})");
}

TEST(ConfigFiles, NoHyperparametersAreAnEmptyObject) {
  EXPECT_EQ(hyperparameters_json({}), "{}");
}

TEST(ConfigFiles, AChannelTellsItsModeAndOnlyThoseOptionsTheRequestHad) {
  EXPECT_EQ(
      input_data_config_json({{.name = "train",
                               .input_mode = "Pipe",
                               .distribution = "ShardedByS3Key",
                               .content_type = "application/x-recordio",
                               .compression = "Gzip"},
                              {.name = "model", .input_mode = "File"}}),
      R"({"train":{"ContentType":"application/x-recordio","TrainingInputMode":"Pipe",)"
      R"("S3DistributionType":"ShardedByS3Key","RecordWrapperType":"None","CompressionType":"Gzip"},)"
      R"("model":{"TrainingInputMode":"File","S3DistributionType":"FullyReplicated",)"
      R"("RecordWrapperType":"None"}})");
}

TEST(ConfigFiles, HostsAreSortedAsText) {
  EXPECT_EQ(
      resource_config_json({.current_host = "algo-2",
                            .hosts = {"algo-1", "algo-2", "algo-10"},
                            .instance_type = "ml.m5.large",
                            .network_interface = "eth0"}),
      R"({"current_host":"algo-2","current_instance_type":"ml.m5.large",)"
      R"("current_group_name":"homogeneousCluster","hosts":["algo-1","algo-10","algo-2"],)"
      R"("instance_groups":[{"instance_group_name":"homogeneousCluster","instance_type":"ml.m5.large",)"
      R"("hosts":["algo-1","algo-10","algo-2"]}],"network_interface_name":"eth0"})");
}

TEST(ConfigFiles, AHostIsTheMemberOfItsGroup) {
  EXPECT_EQ(
      resource_config_json(
          {.current_host = "algo-3",
           .hosts = {"algo-1", "algo-2", "algo-3"},
           .instance_type = "ml.c5.xlarge",
           .groups =
               {{.name = "a", .instance_type = "ml.m5.large", .hosts = {"algo-1"}},
                {.name = "b", .instance_type = "ml.c5.xlarge", .hosts = {"algo-2", "algo-3"}}},
           .network_interface = "lo"}),
      R"({"current_host":"algo-3","current_instance_type":"ml.c5.xlarge","current_group_name":"b",)"
      R"("hosts":["algo-1","algo-2","algo-3"],"instance_groups":[)"
      R"({"instance_group_name":"a","instance_type":"ml.m5.large","hosts":["algo-1"]},)"
      R"({"instance_group_name":"b","instance_type":"ml.c5.xlarge","hosts":["algo-2","algo-3"]}],)"
      R"("network_interface_name":"lo"})");
}

}  // namespace
}  // namespace millrace
