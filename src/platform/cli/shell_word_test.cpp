#include "platform/cli/shell_word.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(ShellWord, IsTheTextItselfToAShell) {
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("/srv/a b/$HOME`x`\\"), "'/srv/a b/$HOME`x`\\'");
  EXPECT_EQ(shell_word("o'neil's"), "'o'\\''neil'\\''s'");
}

}  // namespace
}  // namespace millrace::cli
