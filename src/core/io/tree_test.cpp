#include "core/io/tree.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace millrace
