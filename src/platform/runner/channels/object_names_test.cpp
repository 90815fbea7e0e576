#include "platform/runner/channels/object_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

using testing::HasSubstr;

std::vector<std::string> names(std::string_view prefix, const std::vector<std::string>& keys) {
  std::vector<ListedKey> listed;
  for (const std::string& key : keys) listed.push_back({.key = key, .empty = key.ends_with('/')});
  std::vector<std::string> paths;
  for (const NamedObject& object : name_objects("train", prefix, listed))
    paths.push_back(object.path);
  return paths;
}

std::string refusal(std::string_view prefix, const std::vector<std::string>& keys) {
  try {
    names(prefix, keys);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

using Names = std::vector<std::string>;

TEST(ObjectNames, ThePrefixesDirectoryPartIsRemoved) {
  EXPECT_EQ(names("data/train", {"data/train.csv", "data/train/a/1.jpg", "data/train2/b"}),
            (Names{"train.csv", "a/1.jpg", "train2/b"}));
  EXPECT_EQ(names("data/train/", {"data/train/a/1.jpg", "data/train/b"}), (Names{"a/1.jpg", "b"}));
  EXPECT_EQ(names("data", {"data/a"}), Names{"a"});
  EXPECT_EQ(names("da", {"data/a"}), Names{"data/a"});
  EXPECT_EQ(names("", {"a/b", "c"}), (Names{"a/b", "c"}));
}

TEST(ObjectNames, AUriOfOneObjectGivesItsBaseName) {
  EXPECT_EQ(names("data/train.rec", {"data/train.rec"}), Names{"train.rec"});
  EXPECT_EQ(names("train.rec", {"train.rec"}), Names{"train.rec"});
}

TEST(ObjectNames, FolderMarkersAreLeftOut) {
  EXPECT_EQ(names("data", {"data/", "data/a/", "data/a/x"}), Names{"a/x"});
}

TEST(ObjectNames, NamesThatAreNoFileAreRefused) {
  EXPECT_EQ(refusal("data/", {"data/../x"}),
            "channel 'train', key 'data/../x': '.' and '..' would lead out of the channel's "
            "directory. Rename the "
            "object, or choose a prefix without it.");
  EXPECT_THAT(refusal("data/", {"data/a/.."}), HasSubstr("would lead out"));
  EXPECT_THAT(refusal("data/", {"data/./a"}), HasSubstr("would lead out"));
  EXPECT_THAT(refusal("data", {"data/..", "data/a"}), HasSubstr("would lead out"));
  EXPECT_THAT(refusal("", {"/etc/passwd"}), HasSubstr("an empty part"));
  EXPECT_THAT(refusal("data", {"data//x"}), HasSubstr("an empty part"));
  EXPECT_THAT(refusal("", {std::string("a\0b", 3)}), HasSubstr("a NUL byte"));
  EXPECT_THAT(refusal("", {std::string(256, 'x')}), HasSubstr("longer than 255 bytes"));
}

TEST(ObjectNames, TwoKeysForOneFileAreRefusedWithBothNames) {
  EXPECT_THAT(
      refusal("data/train", {"data/train.csv", "data/train/train.csv"}),
      HasSubstr("key 'data/train/train.csv': it would be the same file 'train.csv' as the key "
                "'data/train.csv'"));
}

TEST(ObjectNames, AFileWhereADirectoryIsNeededIsRefused) {
  EXPECT_THAT(refusal("d/", {"d/a", "d/a!b", "d/a/b"}),
              HasSubstr("key 'd/a/b': it needs a directory where the key 'd/a' is a file"));
}

}  // namespace
}  // namespace millrace::runner
