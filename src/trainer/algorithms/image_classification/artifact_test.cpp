#include "trainer/algorithms/image_classification/artifact.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/resnet.h"
#include "trainer/algorithms/image_classification/symbol.h"

namespace millrace::image_classification {
namespace {

class Artifact : public testing::Test {
 protected:
  Artifact() {
    char name[] = "/tmp/millrace-artifact-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~Artifact() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(Artifact, ReadsBackWhatWasWrittenAndTakesTheLatestEpoch) {
  write_network(folder_, "m", resnet_graph(20, 28, 10), {.channels = 1, .height = 28, .width = 24});
  write_arrays(folder_ / params_file_name("m", 2),
               {{.name = "arg:a", .shape = {1}, .values = {2}}});
  write_arrays(folder_ / params_file_name("m", 11),
               {{.name = "arg:a", .shape = {1}, .values = {11}}});
  const SavedModel model = read_model(folder_);
  EXPECT_EQ(model.file, "m-0011.params");
  EXPECT_EQ(model.arrays[0].values[0], 11);
  EXPECT_EQ(model.input, (ImageShape{.channels = 1, .height = 28, .width = 24}));
  EXPECT_EQ(symbol_json(model.graph), symbol_json(resnet_graph(20, 28, 10)));
  EXPECT_EQ(read_file(folder_ / "model-shapes.json"), R"([{"shape":[1,1,28,24],"name":"data"}])");
}

TEST_F(Artifact, AnIncompleteOneSaysWhatIsMissing) {
  write_network(folder_, "m", resnet_graph(20, 28, 10), {});
  try {
    (void)read_model(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), folder_.string() +
                                             ": expected a .params file inside. Use the "
                                             "model.tar.gz of an image-classification job.");
  }
}

TEST_F(Artifact, ProgressBelowZeroIsRefused) {
  write_network(folder_, "m", resnet_graph(20, 28, 10), {});
  write_arrays(folder_ / params_file_name("m", 1), {});
  write_progress(folder_, "m", {.epochs = -3, .updates = 0});
  try {
    (void)read_model(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_NE(std::string(error.what()).find("epochs and updates of at least 0"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace millrace::image_classification
