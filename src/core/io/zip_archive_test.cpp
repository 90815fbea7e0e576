#include "core/io/zip_archive.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

TEST(ZipArchive, GivesBackWhatWasPutIn) {
  const std::string bytes = write_zip({{"a.json", "{}"}, {"b", std::string("\0x", 2)}, {"c", ""}});
  const auto contents = read_zip(bytes, "model");
  EXPECT_EQ(contents.size(), 3U);
  EXPECT_EQ(contents.at("a.json"), "{}");
  EXPECT_EQ(contents.at("b"), std::string("\0x", 2));
  EXPECT_EQ(contents.at("c"), "");
}

TEST(ZipArchive, EqualContentGivesEqualBytes) {
  EXPECT_EQ(write_zip({{"a", "1"}}), write_zip({{"a", "1"}}));
}

TEST(ZipArchive, NoDamageIsReadAsContent) {
  const std::string bytes = write_zip({{"a", "some content"}, {"b", "more"}});
  const auto whole = read_zip(bytes, "model");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      const auto contents = read_zip(damaged, "model");
      for (const auto& [name, content] : contents) {
        // A name is not covered by the checksum; content is.
        EXPECT_TRUE(content == whole.at("a") || content == whole.at("b")) << at;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer) << at;
    }
    EXPECT_THROW(read_zip(bytes.substr(0, at), "model"), Error) << at;
  }
}

}  // namespace
}  // namespace millrace
