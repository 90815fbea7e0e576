#include <algorithm>
#include <random>
#include <set>

#include "platform/store/store_fixture.h"

namespace millrace::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListingTest : public StoreTest {
 protected:
  std::vector<std::string> prefixes(wire::s3::ListObjectsV2Request request) {
    request.bucket = "bucket";
    const auto output = store().list_objects_v2(request, caller_);
    std::vector<std::string> found;
    if (output.common_prefixes) {
      for (const auto& prefix : *output.common_prefixes) found.push_back(*prefix.prefix);
    }
    return found;
  }
};

/// What a listing answers, worked out the slow way.
std::vector<std::string> expected_entries(const std::set<std::string>& keys,
                                          const std::string& prefix, const std::string& delimiter,
                                          const std::string& after) {
  std::vector<std::string> entries;
  for (const std::string& key : keys) {
    if (!key.starts_with(prefix)) continue;
    std::string entry = key;
    const std::size_t at =
        delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
    if (at != std::string::npos) entry = key.substr(0, at + delimiter.size());
    const bool before_marker =
        entry <= after || (at != std::string::npos && after.starts_with(entry));
    if (!before_marker && (entries.empty() || entries.back() != entry)) entries.push_back(entry);
  }
  return entries;
}

TEST_F(ListingTest, KeysAreInTheOrderOfTheirBytes) {
  make_bucket();
  for (const char* key : {"b", "a/2", "a", "a/1", "ü", "B", "a-", "z"}) put(key, "");
  EXPECT_THAT(keys(), ElementsAre("B", "a", "a-", "a/1", "a/2", "b", "z", "ü"));
  EXPECT_THAT(keys({.prefix = "a/"}), ElementsAre("a/1", "a/2"));
  EXPECT_THAT(keys({.prefix = "none"}), IsEmpty());
  EXPECT_FALSE(store().list_objects_v2({.bucket = "bucket", .prefix = "none"}, caller_).contents);
}

TEST_F(ListingTest, ADelimiterGroupsKeysWithoutReadingThemAll) {
  make_bucket();
  for (const char* key : {"top", "a/1", "a/2", "a/b/3", "c//d", "a|x"}) put(key, "");
  EXPECT_THAT(prefixes({.delimiter = "/"}), ElementsAre("a/", "c/"));
  EXPECT_THAT(keys({.delimiter = "/"}), ElementsAre("a|x", "top"));
  EXPECT_THAT(prefixes({.delimiter = "/", .prefix = "a/"}), ElementsAre("a/b/"));
  EXPECT_THAT(prefixes({.delimiter = "/", .prefix = "c"}), ElementsAre("c/"));
  EXPECT_THAT(prefixes({.delimiter = "/", .prefix = "c/"}), ElementsAre("c//"));
  EXPECT_THAT(prefixes({.delimiter = "//"}), ElementsAre("c//"));
}

TEST_F(ListingTest, AnEntryShowsTheObject) {
  make_bucket();
  put("k", "hello", {.checksum_algorithm = "CRC32"});
  const auto output = store().list_objects_v2({.bucket = "bucket", .fetch_owner = true}, caller_);
  const wire::s3::Object& object = output.contents->at(0);
  EXPECT_EQ(object.size, 5);
  EXPECT_EQ(object.e_tag, '"' + hex_md5("hello") + '"');
  EXPECT_EQ(object.last_modified, get("k").last_modified);
  EXPECT_EQ(object.storage_class, "STANDARD");
  EXPECT_EQ(object.checksum_algorithm, std::vector<std::string>{"CRC32"});
  EXPECT_EQ(object.owner->id, caller_.account);
  EXPECT_FALSE(store().list_objects_v2({.bucket = "bucket"}, caller_).contents->at(0).owner);
  EXPECT_TRUE(store().list_objects({.bucket = "bucket"}, caller_).contents->at(0).owner);
}

TEST_F(ListingTest, PagesOfBothVersionsJoinToTheWholeWhateverTheQuery) {
  make_bucket();
  std::mt19937 random(3);
  std::set<std::string> model;
  const std::vector<std::string> pieces = {"a", "b", "/", "//", "-", "ü", "\xff"};
  while (model.size() < 120) {
    std::string key;
    for (std::size_t i = 0; i < 1 + random() % 6; ++i) key += pieces[random() % pieces.size()];
    if (model.insert(key).second) put(key, "");
  }
  for (int round = 0; round < 150; ++round) {
    std::string prefix;
    for (std::size_t i = 0; i < random() % 3; ++i) prefix += pieces[random() % pieces.size()];
    const std::string delimiter = std::vector<std::string>{"", "/", "a", "//"}[random() % 4];
    std::string after;
    for (std::size_t i = 0; i < random() % 4; ++i) after += pieces[random() % pieces.size()];
    const auto max_keys = static_cast<std::int64_t>(1 + random() % 9);
    const std::vector<std::string> expected = expected_entries(model, prefix, delimiter, after);

    std::vector<std::string> second_version;
    wire::s3::ListObjectsV2Request request{.bucket = "bucket",
                                           .delimiter = delimiter,
                                           .max_keys = max_keys,
                                           .prefix = prefix,
                                           .start_after = after};
    for (;;) {
      const auto page = store().list_objects_v2(request, caller_);
      std::vector<std::string> entries;
      for (const auto& object : page.contents.value_or(std::vector<wire::s3::Object>()))
        entries.push_back(*object.key);
      for (const auto& common :
           page.common_prefixes.value_or(std::vector<wire::s3::CommonPrefix>())) {
        entries.push_back(*common.prefix);
      }
      EXPECT_EQ(page.key_count, static_cast<std::int64_t>(entries.size()));
      EXPECT_LE(entries.size(), static_cast<std::size_t>(max_keys));
      std::sort(entries.begin(), entries.end());
      second_version.insert(second_version.end(), entries.begin(), entries.end());
      ASSERT_EQ(page.is_truncated, page.next_continuation_token.has_value());
      if (!*page.is_truncated) break;
      ASSERT_EQ(page.key_count, max_keys) << "a truncated page is full";
      request.continuation_token = page.next_continuation_token;
    }
    EXPECT_EQ(second_version, expected)
        << "prefix " << prefix << " delimiter " << delimiter << " after " << after;

    std::vector<std::string> first_version;
    std::string marker = after;
    for (;;) {
      const auto page = store().list_objects({.bucket = "bucket",
                                              .delimiter = delimiter,
                                              .marker = marker,
                                              .max_keys = max_keys,
                                              .prefix = prefix},
                                             caller_);
      for (const auto& object : page.contents.value_or(std::vector<wire::s3::Object>())) {
        first_version.push_back(*object.key);
      }
      for (const auto& common :
           page.common_prefixes.value_or(std::vector<wire::s3::CommonPrefix>())) {
        first_version.push_back(*common.prefix);
      }
      std::sort(first_version.begin(), first_version.end());
      if (!*page.is_truncated) break;
      EXPECT_EQ(page.next_marker.has_value(), !delimiter.empty());
      marker = page.next_marker.value_or(page.contents ? *page.contents->back().key : "");
    }
    EXPECT_EQ(first_version, expected);
  }
}

TEST_F(ListingTest, NamesAreEncodedWhenAskedFor) {
  make_bucket();
  put("d \x01/k +", "");
  put("t&", "");
  const auto output = store().list_objects_v2({.bucket = "bucket",
                                               .delimiter = "/",
                                               .encoding_type = "url",
                                               .prefix = "",
                                               .start_after = "a b"},
                                              caller_);
  EXPECT_EQ(output.common_prefixes->at(0).prefix, "d%20%01/");
  EXPECT_EQ(output.contents->at(0).key, "t%26");
  EXPECT_EQ(output.start_after, "a%20b");
  EXPECT_EQ(output.encoding_type, "url");
}

TEST_F(ListingTest, PageSizesAreLimitedAndTokensMustBeOurs) {
  make_bucket();
  put("k", "");
  const auto none = store().list_objects_v2({.bucket = "bucket", .max_keys = 0}, caller_);
  EXPECT_EQ(none.is_truncated, false);
  EXPECT_FALSE(none.contents);
  EXPECT_EQ(store().list_objects_v2({.bucket = "bucket", .max_keys = 5000}, caller_).max_keys,
            1000);
  EXPECT_EQ(code_of([&] { keys({.max_keys = -1}); }), "InvalidArgument");
  EXPECT_EQ(code_of([&] { keys({.continuation_token = "!"}); }), "InvalidArgument");
}

}  // namespace
}  // namespace millrace::store
