#include "core/base/error.h"

#include <gtest/gtest.h>

#include "core/base/refuse.h"

namespace millrace {
namespace {

TEST(Error, AFileNameOrAValueCannotSteerTheTerminalThatShowsIt) {
  EXPECT_EQ(describe({.where = "a\x1b]0;owned\x07.lst, line 3",
                      .given = "\x1b[2J",
                      .expected = "a label",
                      .fix = "Write one."}),
            "a\\x1b]0;owned\\x07.lst, line 3: got \"\\x1b[2J\", expected a label. Write one.");
}

TEST(Error, WhatIsRefusedIsTheCustomersToPutRight) {
  try {
    refuse("train.lst, line 3", "x", "a label");
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_STREQ(error.what(), "train.lst, line 3: got \"x\", expected a label.");
    return;
  }
  FAIL() << "nothing was refused";
}

}  // namespace
}  // namespace millrace
