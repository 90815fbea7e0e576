#include "platform/jobs/check_channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/training_jobs_fixture.h"

namespace millrace::jobs {
namespace {

using ::testing::HasSubstr;

TEST_F(TrainingJobsTest, DataThatIsNotThereIsToldInTheServicesWords) {
  const auto told = [&](const std::string& uri) {
    auto request = small_request();
    request.input_data_config->front().data_source.s3_data_source->s3_uri = uri;
    return refusal([&] { jobs_.create(request, operator_); });
  };
  EXPECT_EQ(told("s3://data/empty/"),
            "ValidationException: No S3 objects found under S3 URL \"s3://data/empty/\" given in "
            "input data source. Please "
            "ensure that the bucket exists in the selected region (us-west-2), that objects exist "
            "under that S3 prefix, and "
            "that the role \"arn:aws:iam::111122223333:role/service-role/trainer\" has "
            "\"s3:ListBucket\" permissions on "
            "bucket \"data\".");
  EXPECT_THAT(told("s3://nowhere/x"),
              HasSubstr("No S3 objects found under S3 URL \"s3://nowhere/x\""));
  EXPECT_EQ(told("s3://data"), "accepted");
  auto request = small_request("other");
  request.output_data_config.s3_output_path = "s3://nowhere/x";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: OutputDataConfig.S3OutputPath: got \"s3://nowhere/x\", expected "
            "a bucket that exists. "
            "Create the bucket 'nowhere' or name another one.");
}

TEST_F(TrainingJobsTest, FileSystemsMustBeRegisteredOfTheirTypeAndHoldTheDirectory) {
  const auto told = [&](const std::string& id, const std::string& type, const std::string& path) {
    const std::string text =
        refusal([&] { jobs_.create(on_file_system(id, type, path), operator_); });
    return text.substr(text.find("channel 'train': ") + 17);
  };
  EXPECT_EQ(
      told("fs-0123456789", "EFS", "/"),
      "FileSystemId: got \"fs-0123456789\", expected a registered file system. There is none; "
      "'millrace filesystems add' registers a directory of this machine.");
  const std::filesystem::path path = add_file_system("fs-0123456789", "EFS");
  add_file_system("fs-00000000", "FSxLustre");
  EXPECT_EQ(told("fs-11111111", "EFS", "/"),
            "FileSystemId: got \"fs-11111111\", expected a registered file system. There are: "
            "fs-00000000 (FSxLustre), fs-0123456789 (EFS).");
  EXPECT_EQ(told("fs-0123456789", "FSxLustre", "/fsx"),
            "FileSystemType: got \"FSxLustre\", expected EFS, which fs-0123456789 is. There are: "
            "fs-00000000 (FSxLustre), fs-0123456789 (EFS).");
  EXPECT_EQ(told("fs-0123456789", "EFS", "pictures"),
            "DirectoryPath: got \"pictures\", expected an absolute path. Begin it with '/'.");
  EXPECT_EQ(told("fs-0123456789", "EFS", "/pictures/../.."),
            "DirectoryPath: got \"/pictures/../..\", expected a path without '..'. Name the "
            "directory itself.");
  EXPECT_EQ(told("fs-00000000", "FSxLustre", "/pictures"),
            "DirectoryPath: got \"/pictures\", expected a path that begins with '/fsx', the mount "
            "name of fs-00000000. Put the mount name in front.");
  EXPECT_EQ(told("fs-0123456789", "EFS", "/none"),
            "DirectoryPath: got \"/none\", expected an existing directory inside fs-0123456789, "
            "which is " +
                path.string() + ". Check the spelling, or make it.");
  std::filesystem::create_directory_symlink("/", path / "outside");
  EXPECT_THAT(told("fs-0123456789", "EFS", "/outside/usr"),
              HasSubstr("an existing directory inside"));
}

TEST_F(TrainingJobsTest, AFolderOfTheLinkedBucketNeedNotHaveAppearedYet) {
  add_file_system("fs-0123456789", "FSxLustre", "s3://data");
  EXPECT_EQ(refusal([&] {
              jobs_.create(on_file_system("fs-0123456789", "FSxLustre", "/fsx/train"), operator_);
            }),
            "accepted");
}

TEST_F(TrainingJobsTest, AManifestIsAnObjectThatBeginsLikeOne) {
  sm::CreateTrainingJobRequest request = small_request();
  auto& channel = request.input_data_config->front();
  channel.data_source.s3_data_source->s3_data_type = "ManifestFile";
  channel.data_source.s3_data_source->s3_uri = "s3://data/train";
  EXPECT_THAT(refusal([&] { jobs_.create(request, operator_); }),
              HasSubstr("No S3 objects found under S3 URL \"s3://data/train\""))
      << "a prefix of an object is no manifest";
  channel.data_source.s3_data_source->s3_uri = "s3://data/train/a";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }), "accepted");
}

TEST_F(TrainingJobsTest, TheBucketOfCheckpointsMustExist) {
  sm::CreateTrainingJobRequest request = small_request();
  request.checkpoint_config = {{.s3_uri = "s3://nowhere/c"}};
  EXPECT_EQ(
      refusal([&] { jobs_.create(request, operator_); }),
      "ValidationException: CheckpointConfig.S3Uri: got \"s3://nowhere/c\", expected a bucket "
      "that exists. Create the bucket 'nowhere' or name another one.");
}

}  // namespace
}  // namespace millrace::jobs
