#include "platform/runner/host_trees.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HostTreesTest : public ::testing::Test {
 protected:
  ~HostTreesTest() override { fs::remove_all(directory_); }

  /// A file of a host's model directory.
  void add(const std::string& host, const std::string& path) {
    const fs::path file = directory_ / host / "model" / path;
    fs::create_directories(file.parent_path());
    write_all(create_for_writing(file).get(), host);
  }
  /// "host:path" of everything that is visited.
  std::vector<std::string> visited() {
    std::vector<HostTree> trees;
    for (const char* host : {"algo-1", "algo-2"})
      trees.push_back({.host = host, .root = directory_ / host});
    std::vector<std::string> names;
    walk_together(
        trees, "model", [&](std::string_view line) { notes_.emplace_back(line); },
        [&](const fs::path& top, const TreeEntry& entry) {
          names.push_back(top.parent_path().filename().string() + ":" + entry.path);
        });
    return names;
  }

  const fs::path directory_ = fs::temp_directory_path() / ("host_trees_" + random_hex(6));
  std::vector<std::string> notes_;
};

TEST_F(HostTreesTest, DifferentNamesAreJoinedAndDirectoriesAppearOnce) {
  add("algo-1", "a");
  add("algo-1", "code/x");
  add("algo-2", "b");
  add("algo-2", "code/y");
  EXPECT_THAT(visited(),
              ElementsAre("algo-1:a", "algo-1:code", "algo-1:code/x", "algo-2:b", "algo-2:code/y"));
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(HostTreesTest, OfOneNameTheLastHostsIsKeptAndThatIsSaid) {
  add("algo-1", "weights");
  add("algo-2", "weights");
  EXPECT_THAT(visited(), ElementsAre("algo-2:weights"));
  EXPECT_THAT(notes_,
              ElementsAre("'weights' was written by algo-1 and algo-2: that of algo-2 is kept. Let "
                          "each host use names of its own."));
}

TEST_F(HostTreesTest, AFileReplacesADirectoryWithAllThatIsInIt) {
  add("algo-1", "state/deep/x");
  add("algo-1", "state.json");
  add("algo-2", "state");
  EXPECT_THAT(visited(), ElementsAre("algo-1:state.json", "algo-2:state"));
}

TEST_F(HostTreesTest, ADirectoryReplacesAFile) {
  add("algo-1", "state");
  add("algo-2", "state/x");
  EXPECT_THAT(visited(), ElementsAre("algo-2:state", "algo-2:state/x"));
}

TEST_F(HostTreesTest, AHostWithoutTheDirectoryIsSaidAndTheOthersAreVisited) {
  add("algo-2", "b");
  EXPECT_THAT(visited(), ElementsAre("algo-2:b"));
  EXPECT_THAT(notes_, ElementsAre("the directory 'model' is not there any more"));
}

}  // namespace
}  // namespace millrace::runner
