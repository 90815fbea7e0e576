#include "core/io/tree.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "core/base/random.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

TEST(RemoveTree, RemovesWhatItsOwnerMayNotEnter) {
  const fs::path root = fs::temp_directory_path() / ("tree_test_" + random_hex(6));
  fs::create_directories(root / "closed" / "inner");
  fs::permissions(root / "closed", fs::perms::none);
  EXPECT_TRUE(remove_tree(root));
  EXPECT_FALSE(fs::exists(root));
}

TEST(RemoveTree, WhatIsNotThereIsRemoved) {
  EXPECT_TRUE(remove_tree(fs::temp_directory_path() / ("tree_test_" + random_hex(6))));
}

TEST(RemoveTree, WhatIsMountedInsideIsDetachedAndKept) {
  const fs::path root = fs::temp_directory_path() / ("tree_test_" + random_hex(6));
  fs::create_directories(root / "job" / "mounts" / "channel");
  fs::create_directories(root / "theirs");
  std::ofstream(root / "theirs" / "data") << "precious";
  const fs::path place = root / "job" / "mounts" / "channel";
  for (int i = 0; i < 2; ++i) {
    if (::mount((root / "theirs").c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0)
      GTEST_SKIP() << "this user may not mount";
  }
  EXPECT_TRUE(remove_tree(root / "job"));
  EXPECT_FALSE(fs::exists(root / "job"));
  EXPECT_TRUE(fs::exists(root / "theirs" / "data"));
  EXPECT_TRUE(remove_tree(root));
}

TEST(RemoveTree, ALinkIsRemovedAndWhatItLeadsToIsKept) {
  const fs::path root = fs::temp_directory_path() / ("tree_test_" + random_hex(6));
  fs::create_directories(root / "job");
  fs::create_directories(root / "theirs" / "inner");
  fs::create_directory_symlink(root / "theirs", root / "job" / "link");
  EXPECT_TRUE(remove_tree(root / "job"));
  EXPECT_TRUE(fs::exists(root / "theirs" / "inner"));
  EXPECT_TRUE(remove_tree(root));
}

}  // namespace
}  // namespace millrace
