#include "core/contract/config_reader.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {
namespace {

class ConfigReader : public testing::Test {
 protected:
  ConfigReader() {
    char name[] = "/tmp/millrace-config-XXXXXX";
    paths_.base = ::mkdtemp(name);
    std::filesystem::create_directories(paths_.config());
  }
  ~ConfigReader() override { std::filesystem::remove_all(paths_.base); }

  ContractPaths paths_;
};

TEST_F(ConfigReader, ReadsBackWhatThePlatformWrites) {
  write_file_durably(paths_.hyperparameters(),
                     hyperparameters_json({{"epochs", "30"}, {"name", "\"quoted\""}}));
  ChannelConfig channel;
  channel.name = "train";
  channel.input_mode = "Pipe";
  channel.content_type = "application/x-recordio";
  write_file_durably(paths_.input_data_config(), input_data_config_json({channel}));
  ResourceConfig resources;
  resources.current_host = "algo-2";
  resources.hosts = {"algo-1", "algo-2"};
  resources.instance_type = "ml.m5.large";
  resources.network_interface = "eth0";
  write_file_durably(paths_.resource_config(), resource_config_json(resources));

  EXPECT_EQ(read_hyperparameters(paths_),
            (std::map<std::string, std::string>{{"epochs", "30"}, {"name", "\"quoted\""}}));
  const auto channels = read_input_data_config(paths_);
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_EQ(channels.at("train").input_mode, "Pipe");
  EXPECT_EQ(channels.at("train").content_type, "application/x-recordio");
  const ResourceConfig back = read_resource_config(paths_);
  EXPECT_EQ(back.current_host, "algo-2");
  EXPECT_EQ(back.hosts, resources.hosts);
  EXPECT_EQ(back.instance_type, "ml.m5.large");
}

TEST_F(ConfigReader, AMissingFileIsNamed) {
  EXPECT_THROW((void)read_hyperparameters(paths_), Error);
  EXPECT_EQ(read_resource_config(paths_).hosts, std::vector<std::string>{"algo-1"});
}

}  // namespace
}  // namespace millrace
