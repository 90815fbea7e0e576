#include "platform/catalog/algorithms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::catalog {
namespace {

using ::testing::HasSubstr;

constexpr const char* kDescription = R"json({"schema_version": 1, "algorithms": [{
  "name": "image-classification", "summary": "Sorts pictures.", "image_names": ["image-classification", "ic"],
  "hyperparameters": [
    {"name": "epochs", "type": "Integer", "default": "30", "required": false, "range": {"min": 1}, "doc": "Passes.",
     "expects": "a whole number of at least 1"},
    {"name": "num_classes", "type": "Integer", "required": true, "range": {"min": 2}, "doc": "Classes.",
     "expects": "a whole number of at least 2"}],
  "channels": [
    {"name": "train", "required": true, "content_types": ["application/x-recordio"], "input_modes": ["File"]},
    {"name": "validation", "required": false, "content_types": ["application/x-recordio"], "input_modes": ["File"]}],
  "metrics": [{"name": "validation:accuracy", "regex": "accuracy=(\\S+)", "higher_is_better": true}],
  "something_newer": {"a": 1}}]})json";

Algorithms algorithms() {
  return Algorithms(std::vector<Json>{parse_json(kDescription, "test")});
}

std::string all(const std::vector<Problem>& problems) {
  return problems.empty() ? std::string() : Error(Blame::Customer, problems).what();
}

TEST(Algorithms, AreFoundByRepositoryAndTagWhateverTheRegistry) {
  const Algorithms known = algorithms();
  for (const char* image :
       {"1.dkr.ecr.eu-west-1.amazonaws.com/image-classification:1", "image-classification:latest",
        "image-classification", "registry.local/ic:1"}) {
    ASSERT_NE(known.find(parse_image_name(image)), nullptr) << image;
    EXPECT_EQ(known.find(parse_image_name(image))->name, "image-classification");
  }
  EXPECT_EQ(known.find(parse_image_name("image-classification:2")), nullptr);
  EXPECT_EQ(known.find(parse_image_name("other")), nullptr);
  EXPECT_EQ(known.named("image-classification")->metrics.at(0).regex, "accuracy=(\\S+)");
}

TEST(Algorithms, AllWrongHyperparametersAreToldAtOnce) {
  EXPECT_EQ(
      all(algorithms()
              .named("image-classification")
              ->check_hyperparameters({{"epoch", "3"}, {"epochs", "ten"}})),
      "hyperparameter 'epoch': got \"3\", expected a hyperparameter of image-classification. Did "
      "you mean 'epochs'?; "
      "hyperparameter 'num_classes': expected a whole number of at least 2. Set it: Classes.; "
      "hyperparameter 'epochs': got \"ten\", expected a whole number of at least 1. Leave it out "
      "to use 30.");
}

TEST(Algorithms, ChannelsAreCheckedForNameModeAndContentType) {
  const Algorithms known = algorithms();
  const AlgorithmDescription& algorithm = *known.named("image-classification");
  EXPECT_EQ(all(algorithm.check_channels({{.name = "train",
                                           .input_mode = "File",
                                           .content_type = "application/x-recordio; x=1"}})),
            "");
  EXPECT_EQ(all(algorithm.check_channels({{.name = "trian", .input_mode = "File"}})),
            "channel 'trian': got \"trian\", expected a channel of image-classification: 'train', "
            "'validation'. "
            "Did you mean 'train'?; "
            "channel 'train': expected this channel in InputDataConfig, because "
            "image-classification reads it. Add it.");
  EXPECT_EQ(all(algorithm.check_channels(
                {{.name = "train", .input_mode = "Pipe", .content_type = "text/csv"}})),
            "channel 'train': InputMode: got \"Pipe\", expected one of 'File'. Set InputMode of "
            "the channel, or "
            "TrainingInputMode of the job.; channel 'train': ContentType: got \"text/csv\", "
            "expected one of "
            "'application/x-recordio'. Name the format the objects really have.");
}

TEST(Algorithms, ADescriptionWithoutWhatIsNeededIsRefusedByName) {
  const auto refusal = [](const char* text) -> std::string {
    try {
      const Algorithms refused(std::vector<Json>{parse_json(text, "test")});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(R"({})"), HasSubstr("member 'algorithms'"));
  EXPECT_THAT(refusal(R"({"algorithms": [{"summary": "x"}]})"), HasSubstr("member 'name'"));
  EXPECT_THAT(refusal(R"({"algorithms": [{"name": "a", "metrics": [{"name": "m"}]}]})"),
              HasSubstr("algorithm descriptions: a: metrics: member 'regex'"));
  EXPECT_THAT(refusal(R"({"algorithms": [{"name": "a"}, {"name": "b", "image_names": ["a"]}]})"),
              HasSubstr("the image name 'a' stands for two algorithms"));
  EXPECT_EQ(refusal(R"({"algorithms": [{"name": "a"}]})"), "accepted");
}

}  // namespace
}  // namespace millrace::catalog
