#include "platform/catalog/framework_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string_view framework_of(const std::string& image) {
  const Framework* found = FrameworkImages::find(parse_image_name(image));
  return found == nullptr ? "" : found->name;
}

std::string refusal(const FrameworkImages& images, const std::string& image) {
  try {
    images.check(*FrameworkImages::find(parse_image_name(image)), "Image", image);
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

TEST(FrameworkImagesTest, EveryAccountRegionAndTagMeansTheSame) {
  for (const char* image : {"763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.3-cpu",
                            "1.dkr.ecr.cn-north-1.amazonaws.com.cn/pytorch-training",
                            "pytorch-inference:9", "r.io/pytorch-training@sha256:00"})
    EXPECT_EQ(framework_of(image), "pytorch") << image;
  EXPECT_EQ(framework_of("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"),
            "xgboost");
  EXPECT_EQ(framework_of("huggingface-pytorch-training:2"), "huggingface");
  EXPECT_EQ(framework_of("team/pytorch-training"), "");
  EXPECT_TRUE(FrameworkImages::is_refused(parse_image_name("huggingface-tensorflow-training:2")));
  EXPECT_FALSE(FrameworkImages::is_refused(parse_image_name("pytorch-training:2")));
  EXPECT_FALSE(FrameworkImages::is_refused(parse_image_name("churn")));
}

TEST(FrameworkImagesTest, WhatIsMissingMayBeInstalledWithoutARestart) {
  std::set<std::string> installed;
  int asked = 0;
  const FrameworkImages images({.launcher = "/opt/toolkit/run.py", .wheels = {}, .modules = [&] {
                                  ++asked;
                                  return installed;
                                }});
  EXPECT_THAT(refusal(images, "pytorch-training:2"),
              HasSubstr("ValidationException: Image: got \"pytorch-training:2\""));
  installed.insert("torch");
  EXPECT_EQ(refusal(images, "pytorch-training:2"), "accepted");
  EXPECT_EQ(refusal(images, "pytorch-inference"), "accepted");
  EXPECT_EQ(asked, 2) << "what was found is known";
  EXPECT_THAT(refusal(FrameworkImages(), "python:3"),
              HasSubstr("is not installed beside millrace"));
}

TEST(FrameworkImagesTest, TheProgramSeesTheToolkitAndTheWheelsThatExist) {
  const records::TemporaryDatabase place;
  const FrameworkImages images({.launcher = "/opt/toolkit/run.py",
                                .wheels = place.directory(),
                                .modules = [] { return std::set<std::string>(); }});
  const ImageName name = parse_image_name("r.io/python:3.11");
  const Framework& framework = *FrameworkImages::find(name);
  const Program served = images.program(framework, name, {.verb = "serve"});
  EXPECT_THAT(served.command, ElementsAre("/usr/bin/python3", "/opt/toolkit/run.py", "serve"));
  EXPECT_THAT(served.read_only_binds, ElementsAre("/opt/toolkit", place.directory().string()));
  EXPECT_EQ(served.environment.at("MILLRACE_WHEELS"), place.directory());
  EXPECT_EQ(served.environment.at("MILLRACE_IMAGE"), "python:3.11");
  const Program own = images.program(
      framework, name,
      {.verb = "train", .entrypoint = {{"/bin/bash", "-c"}}, .arguments = {{"echo"}}});
  EXPECT_THAT(own.command, ElementsAre("/bin/bash", "-c", "echo"));
}

}  // namespace
}  // namespace millrace::catalog
