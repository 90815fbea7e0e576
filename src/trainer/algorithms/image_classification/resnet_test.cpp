#include "trainer/algorithms/image_classification/resnet.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::image_classification {
namespace {

struct Count {
  std::int64_t layers, height, classes, trained, auxiliary;
};

class ResNetSize : public testing::TestWithParam<Count> {};

/// Parameter counts of MXNet's definition (trained: with the fixed gamma of bn_data).
TEST_P(ResNetSize, IsThatOfThePublishedDefinition) {
  const Count& expected = GetParam();
  std::int64_t trained = 0, auxiliary = 0;
  for (const Parameter& parameter :
       parameters_of(resnet_graph(expected.layers, expected.height, expected.classes), 3)) {
    (parameter.is_auxiliary() ? auxiliary : trained) += parameter.size();
  }
  EXPECT_EQ(trained, expected.trained);
  EXPECT_EQ(auxiliary, expected.auxiliary);
}

INSTANTIATE_TEST_SUITE_P(
    AllDepths, ResNetSize,
    testing::Values(
        Count{18, 224, 1000, 11'691'950, 7'942}, Count{18, 224, 10, 11'184'080, 7'942},
        Count{34, 224, 1000, 21'800'110, 15'366}, Count{34, 224, 10, 21'292'240, 15'366},
        Count{50, 224, 1000, 25'549'486, 45'574}, Count{50, 224, 10, 23'520'976, 45'574},
        Count{101, 224, 1000, 44'541'614, 97'798}, Count{101, 224, 10, 42'513'104, 97'798},
        Count{152, 224, 1000, 60'185'262, 143'878}, Count{152, 224, 10, 58'156'752, 143'878},
        Count{200, 224, 1000, 64'666'286, 168'454}, Count{200, 224, 10, 62'637'776, 168'454},
        Count{20, 28, 10, 272'544, 1'382}, Count{32, 28, 10, 466'976, 2'278},
        // The small stem instead of the large one: its convolution, and no bn0.
        Count{18, 28, 10, 11'184'080 - 64 * 3 * (49 - 9) - 2 * 64, 7'942 - 2 * 64},
        Count{44, 28, 10, 661'408, 3'174}, Count{56, 28, 10, 855'840, 4'070},
        Count{110, 28, 10, 1'730'784, 8'102}),
    [](const auto& count) {
      return std::to_string(count.param.layers) + "_layers_" + std::to_string(count.param.height) +
             "_rows_" + std::to_string(count.param.classes) + "_classes";
    });

TEST(ResNet, HeightsBelow33TakeTheSmallStem) {
  const auto kernel = [](std::int64_t height) {
    for (const Node& node : resnet_graph(18, height, 10).nodes) {
      if (node.name == "conv0") return node.kernel;
    }
    return std::int64_t{0};
  };
  EXPECT_EQ(kernel(29), 3);
  EXPECT_EQ(kernel(32), 3);
  EXPECT_EQ(kernel(33), 7);
}

}  // namespace
}  // namespace millrace::image_classification
