#include "platform/catalog/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/base/error.h"
#include "platform/catalog/framework_images.h"
#include "platform/records/temporary_database.h"

namespace millrace::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// One algorithm under two names.
constexpr const char* kDescription =
    R"({"algorithms": [{"name": "image-classification", "image_names": ["image-classification", "ic"]}]})";

class ImagesTest : public ::testing::Test {
 protected:
  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code() + ": " + error.what();
    }
    return "accepted";
  }

  records::TemporaryDatabase records_;
  Algorithms algorithms_{std::vector<Json>{parse_json(kDescription, "test")}};
  Images images_{records_.database(), algorithms_};
};

TEST_F(ImagesTest, ARegisteredProgramAnswersForItsTagOrForAll) {
  images_.add_executable("churn", {"/opt/churn/train", "-v"}, {"/opt/churn"});
  images_.add_executable("churn:3", {"/opt/churn3/train"}, {});
  EXPECT_THAT(images_.find(parse_image_name("registry.local/churn:2")).value().command,
              ElementsAre("/opt/churn/train", "-v"));
  EXPECT_THAT(images_.find(parse_image_name("churn")).value().read_only_binds,
              ElementsAre("/opt/churn"));
  EXPECT_THAT(images_.find(parse_image_name("churn:3")).value().command,
              ElementsAre("/opt/churn3/train"));
  EXPECT_FALSE(images_.find(parse_image_name("other")));
  images_.add_executable("churn", {"/bin/new"}, {});
  EXPECT_THAT(images_.find(parse_image_name("churn")).value().command, ElementsAre("/bin/new"));
}

TEST_F(ImagesTest, AContainerImageIsFoundByTagAndByEitherOfItsDigests) {
  const std::string id = "sha256:" + std::string(64, 'a');
  const std::string digest = "sha256:" + std::string(64, 'b');
  images_.add_container("churn:3", {.id = id, .digest = digest, .entrypoint = {"/entry"}});
  const auto entrypoint = [&](const std::string& name) {
    const auto found = images_.find(parse_image_name(name));
    return found ? found->container->entrypoint : std::vector<std::string>{};
  };
  const std::string registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/";
  for (const std::string& name :
       {std::string("churn:3"), std::string("r.io/churn:3"), registry + "churn:3", registry + "churn:3@" + digest,
        "churn:3@" + id, "churn@" + digest})
    EXPECT_THAT(entrypoint(name), ElementsAre("/entry")) << name;
  for (const std::string& name :
       {std::string("churn"), std::string("churn:4"), "churn:3@sha256:" + std::string(64, 'c')})
    EXPECT_FALSE(images_.find(parse_image_name(name))) << name;
  images_.add_container("churn:latest", {.id = id, .digest = digest});
  EXPECT_TRUE(images_.find(parse_image_name("churn")));
}

TEST_F(ImagesTest, RegistrationRefusesRelativePathsAndBuiltInNames) {
  EXPECT_THAT(refusal([&] { images_.add_executable("a", {"train"}, {}); }),
              HasSubstr("ValidationException: Command: got \"train\", expected an absolute path"));
  EXPECT_THAT(refusal([&] { images_.add_executable("a", {"/t"}, {"x"}); }),
              HasSubstr("ReadOnlyBinds"));
  EXPECT_THAT(refusal([&] { images_.add_executable("ic:7", {"/t"}, {}); }),
              HasSubstr("a built-in algorithm's"));
  EXPECT_THAT(refusal([&] { images_.add_executable("r.io/a", {"/t"}, {}); }),
              HasSubstr("Leave out registry and digest"));
}

TEST_F(ImagesTest, TheListHoldsAlgorithmsAndPrograms) {
  const aws::Caller caller{.account = "1"};
  EXPECT_EQ(images_.register_image({.image_name = "churn", .command = std::vector<std::string>{"/t"}}, caller).image.kind,
            "Executable");
  std::vector<std::string> names;
  for (const auto& image : images_.list_images({}, caller).images)
    names.push_back(image.image_name + " " + image.kind);
  ASSERT_EQ(names.size(), 3 + FrameworkImages::all().size());
  EXPECT_EQ(names[0], "image-classification BuiltIn");
  EXPECT_EQ(names[1], "ic BuiltIn");
  EXPECT_EQ(names[2], "pytorch-training BuiltIn");
  EXPECT_EQ(names.back(), "churn Executable");
  EXPECT_THAT(refusal([&] {
                images_.register_image({.image_name = "x", .command = std::vector<std::string>{"/t"}}, {.job = "j"});
              }),
              HasSubstr("AccessDeniedException"));
}

}  // namespace
}  // namespace millrace::catalog
