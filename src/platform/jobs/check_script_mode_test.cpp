#include "platform/jobs/check_script_mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/training_jobs_fixture.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kPyTorchImage =
    "763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.3.0-cpu-py311";

class ScriptModeTest : public TrainingJobsTest {
 protected:
  static sm::CreateTrainingJobRequest script_job(const std::string& image = kPyTorchImage) {
    sm::CreateTrainingJobRequest request = small_request();
    request.algorithm_specification->training_image = image;
    request.hyper_parameters = {{{"sagemaker_program", "\"train.py\""}}};
    return request;
  }
  std::string told(sm::CreateTrainingJobRequest request) {
    return refusal([&] { jobs_.create(request, operator_); });
  }
  std::string told_with(const std::string& name, const std::string& value,
                        const std::string& image = kPyTorchImage) {
    sm::CreateTrainingJobRequest request = script_job(image);
    request.hyper_parameters->emplace(name, value);
    return told(request);
  }
};

TEST_F(ScriptModeTest, AFrameworkImageRunsTheToolkitOnTheMachinesInterpreter) {
  jobs_.create(script_job(), operator_);
  const control::JobTicket ticket = this->ticket();
  EXPECT_THAT(ticket.command, ElementsAre("/usr/bin/python3",
                                          "/opt/millrace/lib/millrace/toolkit/run.py", "train"));
  EXPECT_THAT(ticket.read_only_binds, ElementsAre("/opt/millrace/lib/millrace/toolkit"))
      << "the wheel directory does not exist";
  EXPECT_EQ(ticket.environment.at("MILLRACE_WHEELS"), "/srv/wheels");
  EXPECT_EQ(ticket.environment.at("MILLRACE_FRAMEWORK"), "pytorch");
  EXPECT_EQ(ticket.environment.at("MILLRACE_IMAGE"), "pytorch-training:2.3.0-cpu-py311");
  EXPECT_EQ(ticket.environment.at("PYTHONPATH"), "/opt/millrace/lib/millrace/toolkit");
  EXPECT_THAT(ticket.hyper_parameters, ElementsAre(std::pair<const std::string, std::string>(
                                           "sagemaker_program", "\"train.py\"")));
  EXPECT_TRUE(describe().algorithm_specification->enable_sage_maker_metrics_time_series.value());
}

TEST_F(ScriptModeTest, AFrameworkThatTheMachineLacksIsRefusedWithWhatToInstall) {
  EXPECT_THAT(told(script_job("1.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1")),
              HasSubstr("Install sklearn for /usr/bin/python3"));
  EXPECT_THAT(told(script_job("huggingface-pytorch-training:2.0")),
              HasSubstr("Install torch and transformers"));
  EXPECT_THAT(told(script_job("tensorflow-training:2.14-cpu-py310")),
              HasSubstr("expected a framework that is served here. There is none of "
                        "'tensorflow-training'"));
  EXPECT_THAT(told(script_job("pytorch-trainin:2")), HasSubstr("There is none of"));
  EXPECT_EQ(told(script_job("python:3.11-slim")), "accepted") << "it needs no module";
}

TEST_F(ScriptModeTest, AProgramRegisteredUnderAFrameworksNameTakesItsPlace) {
  images_.add_executable("tensorflow-training", {"/opt/tf/train"}, {});
  auto request = small_request();
  request.algorithm_specification->training_image =
      "1.dkr.ecr.x.amazonaws.com/tensorflow-training:2";
  EXPECT_EQ(told(request), "accepted");
}

TEST_F(ScriptModeTest, AScriptMustBeNamed) {
  sm::CreateTrainingJobRequest request = script_job();
  request.hyper_parameters.reset();
  EXPECT_THAT(told(request), HasSubstr("HyperParameters: expected sagemaker_program"));
  request.environment = {{{"SAGEMAKER_PROGRAM", "train.py"}}};
  EXPECT_EQ(told(request), "accepted");
  request = script_job();
  request.training_job_name = "job-2";
  request.hyper_parameters.reset();
  request.algorithm_specification->container_entrypoint = {{"/bin/bash", "/opt/ml/input/run.sh"}};
  EXPECT_EQ(told(request), "accepted") << "it runs a program of its own";
}

TEST_F(ScriptModeTest, LaunchersThatAreNotHereAreRefusedByName) {
  for (const std::string name :
       {"sagemaker_mpi_enabled", "sagemaker_parameter_server_enabled",
        "sagemaker_distributed_dataparallel_enabled", "sagemaker_pytorch_ddp_enabled"}) {
    EXPECT_THAT(told_with(name, "true"), HasSubstr("hyperparameter " + name + " is not supported"));
  }
  EXPECT_THAT(told_with("sagemaker_torch_distributed_enabled", "true", "python:3"),
              HasSubstr("sagemaker_torch_distributed_enabled on the python image"));
  EXPECT_EQ(told_with("sagemaker_mpi_enabled", "false"), "accepted");
}

}  // namespace
}  // namespace millrace::jobs
