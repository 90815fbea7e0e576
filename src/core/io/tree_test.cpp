#include "core/io/tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "core/base/fd.h"
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

/// For as long as it lives, this process may have so many descriptors.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{.rlim_cur = count, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(RemoveTree, ATreeThatIsDeeperThanDescriptorsLastIsRemoved) {
  const fs::path root = fs::temp_directory_path() / ("tree_test_" + random_hex(6));
  fs::create_directory(root);
  // Its path is longer than any call takes.
  Fd level(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < 1200; ++i) {
    ASSERT_EQ(::mkdirat(level.get(), "raised-1", 0700), 0);
    ASSERT_EQ(::mkdirat(level.get(), "beside", 0500), 0);
    Fd below(::openat(level.get(), "raised-1", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::fchmod(level.get(), i % 2 == 0 ? 0500 : 0700);
    level = std::move(below);
  }
  level.close();
  const FewDescriptors few(250);
  EXPECT_TRUE(remove_tree(root));
  EXPECT_FALSE(fs::exists(root));
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
