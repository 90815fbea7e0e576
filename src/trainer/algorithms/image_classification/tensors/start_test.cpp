#include "trainer/algorithms/image_classification/tensors/start.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "trainer/algorithms/image_classification/base_model.h"
#include "trainer/algorithms/image_classification/resnet.h"
#include "trainer/job/job_folder.h"

namespace millrace::image_classification {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kSettings{{"num_layers", "18"},
                                                   {"num_classes", "3"},
                                                   {"num_training_samples", "8"},
                                                   {"use_pretrained_model", "1"}};

const Hyperparameters& settings() {
  static const Hyperparameters h = Hyperparameters::schema().parse(kSettings);
  return h;
}

/// Weights as an operator supplies them, of another number of classes and another seed.
std::vector<NamedArray> supplied() {
  return Network(resnet_graph(18, 224, 5), 3, /*seed=*/99, torch::kCPU).arrays();
}

/// The job of these settings, with nothing to train on.
struct Folder : JobFolder {
  Folder() : JobFolder(kSettings) { add_channel({.name = "train"}, {}); }
};

void supply(const JobFolder& folder, const std::vector<NamedArray>& arrays) {
  const fs::path place = folder.paths().pretrained() / "image-classification";
  fs::create_directories(place);
  write_arrays(place / "resnet-18.params", arrays);
}

std::string refusal(const JobFolder& folder) {
  Job job(folder.paths(), {});
  try {
    (void)starting_network(settings(), find_start(job, settings()), torch::kCPU);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Pretrained, AllButTheLastLayerComesFromTheOperatorsFile) {
  const Folder folder;
  const std::vector<NamedArray> before = supplied();
  supply(folder, before);
  Job job(folder.paths(), {});
  const std::vector<NamedArray> after =
      starting_network(settings(), find_start(job, settings()), torch::kCPU).arrays();
  ASSERT_EQ(after.size(), before.size());
  for (const NamedArray& array : after) {
    const auto from = std::find_if(before.begin(), before.end(), [&](const NamedArray& other) {
      return other.name == array.name;
    });
    ASSERT_NE(from, before.end()) << array.name;
    if (array.name == "arg:fc1_weight") {
      EXPECT_EQ(array.shape, (std::vector<std::int64_t>{3, 512}));
    } else if (array.name == "arg:fc1_bias") {
      EXPECT_EQ(array.shape, std::vector<std::int64_t>{3});
    } else {
      EXPECT_EQ(array.values, from->values) << array.name;
    }
  }
}

TEST(Pretrained, AMissingFileIsRefusedSayingWhereItBelongs) {
  EXPECT_EQ(
      refusal(Folder()),
      "hyperparameter 'use_pretrained_model': got \"1\", expected the weights in "
      "pretrained/image-classification/resnet-18.params of the daemon's data directory, and "
      "there is no such file. Let the operator put it there (millrace serve --data-dir): an "
      "MXNet NDArray list with arrays such as arg:conv0_weight and aux:bn1_moving_mean, which "
      "MXNet's model zoo calls resnet-18-0000.params. Or set use_pretrained_model to 0.");
}

TEST(Pretrained, AFileOfAnotherNetworkIsRefusedWithTheArrayThatDoesNotFit) {
  std::vector<NamedArray> arrays = supplied();
  const auto changed = std::find_if(arrays.begin(), arrays.end(), [](const NamedArray& array) {
    return array.name == "arg:conv0_weight";
  });
  ASSERT_NE(changed, arrays.end());
  changed->shape = {64, 3, 3, 3};
  changed->values.resize(64 * 3 * 3 * 3);
  const Folder folder;
  supply(folder, arrays);
  EXPECT_EQ(refusal(folder),
            "resnet-18.params, array 'arg:conv0_weight': got \"64 x 3 x 3 x 3\", expected 64 x 3 x "
            "7 x 7. Use the .params file that belongs to this network.");
}

TEST(Pretrained, ChannelModelGoesBeforeTheOperatorsWeights) {
  Folder folder;
  folder.add_channel({.name = "model", .content_type = "application/x-sagemaker-model"},
                     {{"notes.txt", "none"}});
  const Job job(folder.paths(), {});
  EXPECT_FALSE(starts_pretrained(job, settings()));
}

}  // namespace
}  // namespace millrace::image_classification
