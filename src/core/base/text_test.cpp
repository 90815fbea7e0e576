#include "core/base/text.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr std::size_t kAll = std::string::npos;

TEST(Printable, WhatATerminalWouldObeyAndWhatIsNoTextIsShownByItsBytes) {
  EXPECT_EQ(printable("a\x1b[31mb\n", kAll), "a\\x1b[31mb\\x0a");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J\x7F",
                      kAll),
            "\\xc2\\x9b2J\\x7f")
      << "CSI in one character";
  EXPECT_EQ(printable("\xFF"
                      "a\xC3",
                      kAll),
            "\\xffa\\xc3");
}

TEST(Printable, TextStaysAsItIsAndIsCutBetweenCharacters) {
  EXPECT_EQ(printable("K\xC3\xA4se \xC2\xA0\xE2\x82\xAC", kAll),
            "K\xC3\xA4se \xC2\xA0\xE2\x82\xAC");
  EXPECT_EQ(printable("K\xC3\xA4se", 2), "K...");
  EXPECT_EQ(printable("K\xC3\xA4se", 3), "K\xC3\xA4...");
}

}  // namespace
}  // namespace millrace
