#include "trainer/job/job.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <regex>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/job/algorithm.h"

namespace millrace {
namespace {

/// A job's own /opt/ml for the length of a test.
class JobTest : public testing::Test {
 protected:
  JobTest() {
    char name[] = "/tmp/millrace-job-XXXXXX";
    paths_.base = ::mkdtemp(name);
    std::filesystem::create_directories(paths_.config());
    write("hyperparameters.json", R"({"epochs": "3", "by_hand": 7})");
    write("inputdataconfig.json",
          R"({"train": {"ContentType": "application/x-recordio", "TrainingInputMode": "File"}})");
  }
  ~JobTest() override { std::filesystem::remove_all(paths_.base); }

  void write(const char* name, std::string_view text) const {
    write_file_durably(paths_.config() / name, text);
  }
  [[nodiscard]] std::string refusal() const {
    try {
      const Job job(paths_, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  ContractPaths paths_;
};

TEST_F(JobTest, ReadsWhatThePlatformWrote) {
  const Job job(paths_, {});
  EXPECT_EQ(job.hyperparameters().at("epochs"), "3");
  EXPECT_EQ(job.hyperparameters().at("by_hand"), "7");
  ASSERT_NE(job.find_channel("train"), nullptr);
  EXPECT_EQ(job.find_channel("train")->config.content_type, "application/x-recordio");
  EXPECT_EQ(job.find_channel("validation"), nullptr);
  EXPECT_EQ(job.resources().hosts, std::vector<std::string>{"algo-1"});
}

TEST_F(JobTest, MalformedConfigFilesAreNamed) {
  write("hyperparameters.json", "[1]");
  EXPECT_EQ(refusal(), "hyperparameters.json: got \"[1]\", expected a JSON object.");
  write("hyperparameters.json", "{}");
  write("inputdataconfig.json", R"({"train": {"TrainingInputMode": "Stream"}})");
  EXPECT_EQ(refusal(),
            "inputdataconfig.json, channel 'train': got \"Stream\", expected the TrainingInputMode "
            "File, Pipe or FastFile.");
  write("inputdataconfig.json", "{}");
  write("resourceconfig.json", R"({"current_host": "algo-1"})");
  EXPECT_EQ(refusal(), "resourceconfig.json: member 'hosts': expected a value.");
}

TEST(Log, ALineHasThePrefixOfTheOriginalContainer) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Log log(ends[1]);
  log.info("Epoch[0] Train-accuracy=0.5");
  ::close(ends[1]);
  FdSource source{Fd(ends[0])};
  EXPECT_TRUE(std::regex_match(
      read_all(source, 1000, "log"),
      std::regex(
          R"(\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d INFO \d+\] Epoch\[0\] Train-accuracy=0\.5\n)")));
}

TEST(Describe, AnAlgorithmIsCompleteInJson) {
  Algorithm algorithm;
  algorithm.name = "x";
  algorithm.channels = {
      {.name = "train",
       .required = true,
       .content_types = {"text/csv"},
       .input_modes = {"File"},
       .doc = "d"},
      {.name = "test", .content_types = {"text/csv"}, .input_modes = {"File", "Pipe"}, .doc = "d"}};
  algorithm.metrics = {
      {.name = "m", .regex = "m=.", .higher_is_better = true, .tuning_objective = true}};
  const Algorithm* const all[] = {&algorithm};
  const std::string expected =
      R"({"schema_version":1,"algorithms":[{"name":"x","summary":"","image_names":[],"hyperparameters":[],)"
      R"("channels":[{"name":"train","required":true,"content_types":["text/csv"],"input_modes":["File"],"doc":"d"},)"
      R"({"name":"test","required":false,"content_types":["text/csv"],"input_modes":["File","Pipe"],"doc":"d"}],)"
      R"("metrics":[{"name":"m","regex":"m=.","higher_is_better":true,"tuning_objective":true}],)"
      R"("supported_input_modes":["File","Pipe"],"supported_content_types":["text/csv"],)"
      R"("distributed":false,"uses_gpu":false,"instance_notes":""}]})";
  EXPECT_EQ(describe_algorithms(all).dump(), expected);
}

}  // namespace
}  // namespace millrace
