#include "trainer/algorithms/image_classification/checkpoint.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/job/checkpoint_file.h"
#include "trainer/job/job_folder.h"

namespace millrace::image_classification {
namespace {

class Checkpoints : public testing::Test {
 protected:
  Checkpoints() {
    std::filesystem::create_directories(paths().checkpoints());
    write_file_durably(paths().model() / "m-0001.params", "weights");
    write_checkpoint(paths().checkpoints(), paths().model(),
                     {.settings = {{"num_layers", "20"}},
                      .progress = {.epochs = 2, .updates = 8},
                      .optimizer_updates = 6,
                      .best = 0.5,
                      .early_best = 0.25,
                      .without_improvement = 1,
                      .saved = {"m-0001.params"},
                      .weights = {{.name = "arg:a", .shape = {1}, .values = {3}}},
                      .moments = {}});
    std::filesystem::remove(paths().model() / "m-0001.params");
  }

  [[nodiscard]] const ContractPaths& paths() const { return folder_.paths(); }
  [[nodiscard]] std::optional<Checkpoint> read() const {
    return read_checkpoint(paths().checkpoints(), paths().model());
  }
  /// Of the checkpoint with one member of its state exchanged.
  [[nodiscard]] std::string refusal(const char* member, const Json& value) const {
    const std::string name = "image-classification";
    const auto whole = *read_checkpoint_file(paths().checkpoints(), name);
    auto changed = whole;
    changed.state[member] = value;
    write_checkpoint_file(paths().checkpoints(), name, changed);
    std::string words = "accepted";
    try {
      (void)read();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      words = error.what();
    }
    write_checkpoint_file(paths().checkpoints(), name, whole);
    return words;
  }

  JobFolder folder_{{}};
};

TEST_F(Checkpoints, AreReadAsTheyWereWrittenWithTheModelsFiles) {
  const auto read_back = read();
  ASSERT_TRUE(read_back);
  EXPECT_EQ(read_back->settings, (Json{{"num_layers", "20"}}));
  EXPECT_EQ(read_back->progress.epochs, 2);
  EXPECT_EQ(read_back->progress.updates, 8);
  EXPECT_EQ(read_back->optimizer_updates, 6);
  EXPECT_EQ(read_back->best, 0.5);
  EXPECT_EQ(read_back->early_best, 0.25);
  EXPECT_EQ(read_back->without_improvement, 1);
  EXPECT_EQ(read_back->saved, (std::vector<std::string>{"m-0001.params"}));
  EXPECT_EQ(read_back->weights[0].values, (std::vector<float>{3}));
  EXPECT_EQ(read_file(paths().model() / "m-0001.params"), "weights");
}

TEST_F(Checkpoints, AFileThatDidNotReachTheStoreIsNotOfTheModel) {
  std::filesystem::remove(paths().checkpoints() / "m-0001.params");
  EXPECT_TRUE(read()->saved.empty());
}

TEST_F(Checkpoints, ADamagedMemberIsNamedAsTheCustomers) {
  const std::string place = "image-classification.checkpoint, state.json: member '";
  for (const auto& [member, value] :
       std::vector<std::pair<const char*, Json>>{{"epochs", -1},
                                                 {"epochs", "two"},
                                                 {"updates", -8},
                                                 {"best", "good"},
                                                 {"early_best", nullptr},
                                                 {"without_improvement", 0.5},
                                                 {"saved", "m-0001.params"},
                                                 {"saved", Json::array({7})},
                                                 {"saved", Json::array({"../secret"})}})
    EXPECT_TRUE(refusal(member, value).starts_with(place + member + "'")) << refusal(member, value);
}

}  // namespace
}  // namespace millrace::image_classification
