#include "platform/runner/channels/object_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "platform/runner/channels/channel_fixture_for_test.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class ObjectSourceTest : public ChannelTest {
 protected:
  ObjectSourceTest() : ChannelTest("Pipe") {}

  ObjectSource list(const std::string& uri, const std::string& type = "S3Prefix") {
    channel_.s3_source->s3_uri = uri;
    channel_.s3_source->s3_data_type = type;
    return list_source(channel_, connect_, patience_, {});
  }
  std::string refusal(const std::string& uri, const std::string& type = "S3Prefix") {
    try {
      (void)list(uri, type);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "listed";
  }
  /// Keys, or texts, of these units.
  static std::vector<std::string> shown(const ObjectSource& source,
                                        const std::vector<std::uint32_t>& units) {
    std::vector<std::string> names;
    for (const std::uint32_t unit : units) {
      for (const ObjectSource::Piece& piece : source.pieces(unit)) {
        const auto* index = std::get_if<std::uint32_t>(&piece);
        names.push_back(index != nullptr ? source.objects()[*index].name.uri()
                                         : std::get<std::string>(piece));
      }
    }
    return names;
  }
  static std::vector<std::string> shown(const ObjectSource& source) {
    return shown(source, source.share());
  }
  ObjectSource list_numbered(int count) {
    for (int i = 0; i < count; ++i) store_.add("b", "d/" + std::to_string(1000 + i), "x");
    return list("s3://b/d/");
  }
};

TEST_F(ObjectSourceTest, APrefixIsReadInTheOrderOfKeysWithoutFolderMarkers) {
  for (const char* key : {"d/b", "d/a/1", "d2", "c"}) store_.add("b", key, "x");
  store_.add("b", "d/", "");
  store_.add("b", "d/a/", "");
  EXPECT_THAT(shown(list("s3://b/d")), ElementsAre("s3://b/d/a/1", "s3://b/d/b", "s3://b/d2"));
}

TEST_F(ObjectSourceTest, AManifestIsReadInItsOwnOrderFromAnyBucketAsOftenAsItSays) {
  store_.add("b", "x", "1");
  store_.add("b", "marker/", "");
  store_.add("other", "y", "2");
  store_.add("m", "list", R"(["s3://other/y", "s3://b/marker/", "s3://b/x", "s3://other/y"])");
  const ObjectSource source = list("s3://m/list", "ManifestFile");
  EXPECT_THAT(shown(source), ElementsAre("s3://other/y", "s3://b/x", "s3://other/y"));
  EXPECT_EQ(source.shared_objects().size(), 2U);
}

TEST_F(ObjectSourceTest, AManifestOfManyKeysIsLocatedInPages) {
  std::string manifest = R"([{"prefix": "s3://b/"})";
  for (int i = 0; i < 2500; ++i) {
    store_.add("b", std::to_string(i), "x");
    manifest += ",\"" + std::to_string(i) + '"';
  }
  store_.add("m", "list", manifest + "]");
  EXPECT_EQ(list("s3://m/list", "ManifestFile").share().size(), 2500U);
}

TEST_F(ObjectSourceTest, WhatAManifestNamesMustBeThere) {
  store_.add("m", "list", R"([{"prefix": "s3://b/"}, "gone"])");
  EXPECT_EQ(
      refusal("s3://m/list", "ManifestFile"),
      "channel 'train': there is no object s3://b/gone, which the manifest s3://m/list names. "
      "Upload it, or take it out of the manifest.");
}

TEST_F(ObjectSourceTest, WhatIsNoManifestIsRefusedByName) {
  store_.add("m", "list", "a,b\n");
  EXPECT_THAT(refusal("s3://m/list", "ManifestFile"),
              HasSubstr("channel 'train', manifest s3://m/list, byte 1: not valid JSON"));
  store_.add("m", "list", R"({"prefix": "s3://b/"})");
  EXPECT_THAT(refusal("s3://m/list", "ManifestFile"),
              HasSubstr("channel 'train', manifest s3://m/list, element 0: got "));
}

TEST_F(ObjectSourceTest, NothingToReadIsRefusedInTheServicesWords) {
  constexpr const char* kText = "given in input data source. Upload the data first.";
  store_.add("b", "d/", "");
  EXPECT_EQ(
      refusal("s3://b/d/"),
      std::string("channel 'train': No S3 objects found under S3 URL \"s3://b/d/\" ") + kText);
  EXPECT_THAT(refusal("s3://b/gone", "ManifestFile"), HasSubstr("No S3 objects found"));
  store_.add("b", "lines", "\n\n");
  channel_.s3_source->attribute_names = {{"a"}};
  EXPECT_THAT(refusal("s3://b/lines", "AugmentedManifestFile"), HasSubstr("No S3 objects found"));
}

TEST_F(ObjectSourceTest, AnAugmentedLineYieldsItsAttributesInTheirOrder) {
  store_.add("b", "1.png", "one");
  store_.add("b", "2.png", "two");
  store_.add("m", "lines",
             "{\"label\": 7, \"image-ref\": \"s3://b/2.png\"}\r\n\n"
             "{\"image-ref\": \"s3://b/1.png\", \"label\": [1, 2], \"more\": 0}");
  channel_.s3_source->attribute_names = {{"image-ref", "label"}};
  const ObjectSource source = list("s3://m/lines", "AugmentedManifestFile");
  EXPECT_THAT(shown(source), ElementsAre("s3://b/2.png", "7", "s3://b/1.png", "[1, 2]"));
  EXPECT_EQ(source.share().size(), 2U) << "a line is one unit, for shuffling and dealing";
}

TEST_F(ObjectSourceTest, AnAugmentedLineThatIsWrongIsRefusedByNumber) {
  channel_.s3_source->attribute_names = {{"image-ref"}};
  store_.add("b", "1.png", "one");
  store_.add("m", "lines", "{\"image-ref\": \"s3://b/1.png\"}\n{\"image\": 1}\n");
  EXPECT_THAT(refusal("s3://m/lines", "AugmentedManifestFile"),
              HasSubstr("channel 'train', manifest s3://m/lines, line 2, attribute 'image-ref': "));
  store_.add("m", "lines", "{\"image-ref\": \"http://b/1.png\"}\n");
  EXPECT_THAT(
      refusal("s3://m/lines", "AugmentedManifestFile"),
      HasSubstr("line 1, attribute 'image-ref': got \"http://b/1.png\", expected an S3 URI"));
  store_.add("m", "lines", "{\"image-ref\": \"s3://b/3.png\"}\n");
  EXPECT_THAT(refusal("s3://m/lines", "AugmentedManifestFile"),
              HasSubstr("there is no object s3://b/3.png, which the manifest s3://m/lines names"));
  store_.add("m", "lines", std::string((1 << 20) + 1, ' '));
  EXPECT_THAT(refusal("s3://m/lines", "AugmentedManifestFile"), HasSubstr("line 1 is longer than"));
}

TEST_F(ObjectSourceTest, ShufflingIsReproducibleAndDiffersByEpochAndSeed) {
  channel_.shuffle_seed = 7;
  const ObjectSource source = list_numbered(50);
  const std::vector<std::uint32_t> first = source.pass(0);
  EXPECT_EQ(first, list("s3://b/d/").pass(0));
  EXPECT_NE(first, source.share());
  EXPECT_NE(first, source.pass(1));
  EXPECT_EQ(source.pass(1), list("s3://b/d/").pass(1));
  EXPECT_THAT(std::set(first.begin(), first.end()), testing::SizeIs(50));
  channel_.shuffle_seed = 8;
  EXPECT_NE(first, list("s3://b/d/").pass(0));
}

/// The order is part of what a seed promises, so it must not change with a compiler or a library.
TEST_F(ObjectSourceTest, TheOrderOfASeedIsTheSameEverywhere) {
  channel_.shuffle_seed = 42;
  const ObjectSource source = list_numbered(8);
  EXPECT_THAT(source.pass(0), ElementsAre(7, 0, 4, 5, 6, 1, 3, 2));
  EXPECT_THAT(source.pass(1), ElementsAre(6, 7, 2, 0, 1, 5, 4, 3));
}

TEST_F(ObjectSourceTest, WithoutASeedEveryEpochHasTheSourcesOrder) {
  const ObjectSource source = list_numbered(10);
  EXPECT_EQ(source.pass(0), source.share());
  EXPECT_EQ(source.pass(5), source.share());
}

TEST_F(ObjectSourceTest, EveryUnitIsDealtToExactlyOneHostAndShufflingChangesTheDeal) {
  list_numbered(10);
  channel_.s3_source->shards = 3;
  for (const bool shuffled : {false, true}) {
    channel_.shuffle_seed = shuffled ? std::optional<std::int64_t>(5) : std::nullopt;
    std::vector<std::set<std::uint32_t>> first_epoch, second_epoch;
    std::set<std::uint32_t> all;
    for (int shard = 0; shard < 3; ++shard) {
      channel_.s3_source->shard = shard;
      const ObjectSource source = list("s3://b/d/");
      const std::vector<std::uint32_t> units = source.pass(0);
      EXPECT_THAT(units.size(), testing::AllOf(testing::Ge(3U), testing::Le(4U)));
      all.insert(units.begin(), units.end());
      first_epoch.emplace_back(units.begin(), units.end());
      const std::vector<std::uint32_t> next = source.pass(1);
      second_epoch.emplace_back(next.begin(), next.end());
    }
    EXPECT_EQ(all.size(), 10U);
    EXPECT_EQ(first_epoch != second_epoch, shuffled);
  }
}

TEST_F(ObjectSourceTest, AStopEndsAListing) {
  store_.add("b", "d/a", "x");
  std::stop_source stop;
  stop.request_stop();
  channel_.s3_source->s3_uri = "s3://b/d/";
  EXPECT_TRUE(list_source(channel_, connect_, patience_, stop.get_token()).objects().empty());
  channel_.s3_source->s3_data_type = "ManifestFile";
  EXPECT_TRUE(list_source(channel_, connect_, patience_, stop.get_token()).objects().empty());
}

TEST_F(ObjectSourceTest, AStopEndsAListingThatWaitsForTheDaemon) {
  store_.fail_next = 1'000'000;
  patience_ = {};
  std::stop_source stop;
  store_.after_stumble = [&] { stop.request_stop(); };
  channel_.s3_source->s3_uri = "s3://b/d/";
  EXPECT_TRUE(list_source(channel_, connect_, patience_, stop.get_token()).objects().empty());
}

}  // namespace
}  // namespace millrace::runner
