#include "platform/jobs/check_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "platform/jobs/request_fixture.h"
#include "platform/records/temporary_database.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using ::testing::HasSubstr;

/// A store with the buckets "data" and "models", whose objects the test names.
class CheckSourcesTest : public ::testing::Test {
 protected:
  /// What is said of one channel with this source; "accepted" when nothing is.
  std::string told(const std::string& type, const std::string& uri, const std::string& mode) {
    sm::CreateTrainingJobRequest request = small_request();
    sm::Channel& channel = request.input_data_config->front();
    channel.input_mode = mode;
    channel.data_source.s3_data_source->s3_data_type = type;
    channel.data_source.s3_data_source->s3_uri = uri;
    return refusal([&] {
      check_sources(request,
                    {.objects = lookup_, .file_systems = file_systems_, .caller = caller_});
    });
  }

  std::map<std::string, std::string> objects_;  ///< of the bucket "data"
  const ObjectLookup lookup_{
      .has_bucket = [](const std::string& name) { return name == "data" || name == "models"; },
      .first_key = [this](const std::string& bucket, const std::string& prefix,
                          const std::string& from) -> std::optional<std::string> {
        const auto found = objects_.lower_bound(from);
        if (bucket != "data" || found == objects_.end() || !found->first.starts_with(prefix))
          return std::nullopt;
        return found->first;
      },
      .beginning = [this](const aws::Caller&, const std::string&, const std::string& key,
                          std::size_t max) { return objects_.at(key).substr(0, max); }};
  records::TemporaryDatabase records_;
  const catalog::FileSystems file_systems_{records_.database(), records_.directory()};
  const aws::Caller caller_{.account = "111122223333", .region = "us-west-2"};
};

TEST_F(CheckSourcesTest, NoDataIsToldInTheServicesWordsForEveryKindOfSource) {
  objects_ = {{"train/a", ""}};
  for (const char* type : {"S3Prefix", "ManifestFile", "AugmentedManifestFile"}) {
    for (const char* uri : {"s3://data/other", "s3://nowhere/train/a"}) {
      EXPECT_EQ(
          told(type, uri, "Pipe"),
          "ValidationException: No S3 objects found under S3 URL \"" + std::string(uri) +
              "\" given in input data source. Please ensure that the bucket exists in the "
              "selected region (us-west-2), that objects exist under that S3 prefix, and that "
              "the role \"arn:aws:iam::111122223333:role/service-role/trainer\" has "
              "\"s3:ListBucket\" permissions on bucket \"" +
              std::string(uri).substr(5, std::string(uri).find('/', 5) - 5) + "\".");
    }
  }
}

TEST_F(CheckSourcesTest, FastFileNeedsAWholeFolderOrObject) {
  objects_ = {
      {"one.csv", ""}, {"train-1/a", ""}, {"train-1/b", ""}, {"train-2/a", ""}, {"x/y", ""}};
  for (const char* uri : {"s3://data", "s3://data/", "s3://data/train-1/", "s3://data/train-1",
                          "s3://data/one.csv", "s3://data/train-1/a", "s3://data/x"})
    EXPECT_EQ(told("S3Prefix", uri, "FastFile"), "accepted") << uri;
  for (const char* uri : {"s3://data/train", "s3://data/train-", "s3://data/one", "s3://data/o"}) {
    EXPECT_EQ(told("S3Prefix", uri, "File"), "accepted") << uri;
    EXPECT_EQ(told("S3Prefix", uri, "FastFile"),
              "ValidationException: channel 'train': S3Uri: got \"" + std::string(uri) +
                  "\", expected a whole folder or object, as input mode FastFile needs. Name the "
                  "folder with a '/' at its end, or use input mode File.");
  }
  objects_ = {{"train-2", ""}, {"train/a", ""}};
  EXPECT_THAT(told("S3Prefix", "s3://data/train", "FastFile"), HasSubstr("a whole folder"))
      << "'-' sorts before '/'";
}

TEST_F(CheckSourcesTest, AManifestIsAJsonList) {
  objects_ = {{"m", "[{\"prefix\": \"s3://data/\"}, \"a\"]"}};
  EXPECT_EQ(told("ManifestFile", "s3://data/m", "File"), "accepted");
  objects_["m"] = "\n[\"s3://data/a\"]\n";
  EXPECT_EQ(told("ManifestFile", "s3://data/m", "File"), "accepted");
  for (const char* text : {"", "[]", "a,b", "{\"prefix\": \"s3://data/\"}", "[1]", "[\"a\""}) {
    objects_["m"] = text;
    EXPECT_THAT(told("ManifestFile", "s3://data/m", "File"),
                HasSubstr("expected a manifest: a JSON list"))
        << text;
  }
}

TEST_F(CheckSourcesTest, OfALongManifestOnlyTheBeginningIsLookedAt) {
  objects_ = {{"m", "[" + std::string(100'000, ' ') + "nonsense"}};
  EXPECT_EQ(told("ManifestFile", "s3://data/m", "File"), "accepted") << "the runner reads it";
  objects_["m"] = "{\"a\": \"" + std::string(100'000, 'x');
  EXPECT_EQ(told("AugmentedManifestFile", "s3://data/m", "Pipe"), "accepted");
}

TEST_F(CheckSourcesTest, AnAugmentedManifestIsAnObjectALine) {
  objects_ = {{"m", "{\"a\": 1}\nbroken"}};
  EXPECT_EQ(told("AugmentedManifestFile", "s3://data/m", "Pipe"), "accepted");
  for (const char* text : {"", "[1]", "{\n\"a\": 1}", "nonsense"}) {
    objects_["m"] = text;
    EXPECT_THAT(told("AugmentedManifestFile", "s3://data/m", "Pipe"),
                HasSubstr("expected an augmented manifest: one JSON object on every line"))
        << text;
  }
}

}  // namespace
}  // namespace millrace::jobs
