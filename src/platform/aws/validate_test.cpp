#include "platform/aws/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generated/aws/control/operations.h"
#include "generated/aws/s3/operations.h"
#include "generated/aws/sagemaker/operations.h"

namespace millrace::aws {
namespace {

namespace ops = wire::sagemaker::ops;
using testing::HasSubstr;
using testing::StartsWith;

Json valid_job() {
  return Json::parse(R"({
    "TrainingJobName": "job-1",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::111122223333:role/Trainer",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60}})");
}

/// The whole message for a document, or "valid".
std::string verdict(const Json& document, const Operation& operation = ops::CreateTrainingJob::kOperation) {
  Validator validator;
  validator.prepare(*operation.input);
  const auto violations = validator.check(document, *operation.input);
  return violations.empty() ? "valid" : validation_exception(violations).what();
}

std::string refusal(const Json& document, const Operation& operation = ops::CreateTrainingJob::kOperation) {
  try {
    return "accepted: " + verdict(document, operation);
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
}

TEST(Validate, AcceptsAWholeRequest) { EXPECT_EQ(verdict(valid_job()), "valid"); }

TEST(Validate, AMissingMember) {
  Json job = valid_job();
  job.erase("RoleArn");
  EXPECT_EQ(verdict(job),
            "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null");
}

TEST(Validate, NullIsAbsent) {
  Json job = valid_job();
  job["RoleArn"] = nullptr;
  job["Tags"] = nullptr;
  EXPECT_EQ(verdict(job),
            "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null");
}

TEST(Validate, APatternIsPrintedAsTheNewerModelSpellsIt) {
  Json job = valid_job();
  job["TrainingJobName"] = "my_job";
  EXPECT_EQ(verdict(job),
            "1 validation error detected: Value 'my_job' at 'trainingJobName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
}

TEST(Validate, AnEnumerationListsItsValues) {
  Json job = valid_job();
  job["AlgorithmSpecification"]["TrainingInputMode"] = "Files";
  EXPECT_THAT(verdict(job), StartsWith("1 validation error detected: Value 'Files' at "
                                       "'algorithmSpecification.trainingInputMode' failed to satisfy constraint: Member "
                                       "must satisfy enum value set: ["));
  job = valid_job();
  job["ResourceConfig"]["InstanceType"] = "ml.huge";
  EXPECT_THAT(verdict(job), HasSubstr("Member must satisfy enum value set: [ml.m4.xlarge, "));
}

TEST(Validate, InstanceTypesOfTheNewerModelAreKnown) {
  Json job = valid_job();
  job["ResourceConfig"]["InstanceType"] = "ml.p5.48xlarge";
  EXPECT_EQ(verdict(job), "valid");
}

TEST(Validate, LengthLimitsAreGivenInBothDirections) {
  Json job = valid_job();
  job["TrainingJobName"] = std::string(64, 'a');
  EXPECT_THAT(verdict(job), HasSubstr("' at 'trainingJobName' failed to satisfy constraint: Member must have length less "
                                      "than or equal to 63"));
  job["TrainingJobName"] = "";
  EXPECT_THAT(verdict(job), HasSubstr("Member must have length greater than or equal to 1"));
}

TEST(Validate, LengthCountsCodePoints) {
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "\xC3\xA4";
  Json job = valid_job();
  job["Tags"] = Json::array({{{"Key", umlauts}, {"Value", ""}}});
  EXPECT_EQ(verdict(job), "valid");
  job["Tags"][0]["Key"] = umlauts + "x";
  EXPECT_THAT(verdict(job), HasSubstr("at 'tags.1.member.key' failed to satisfy constraint: Member must have length less "
                                      "than or equal to 128"));
}

TEST(Validate, NumbersHaveRanges) {
  Json job = valid_job();
  job["StoppingCondition"]["MaxRuntimeInSeconds"] = 0;
  EXPECT_EQ(verdict(job),
            "1 validation error detected: Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1");
  job = valid_job();
  job["ResourceConfig"]["KeepAlivePeriodInSeconds"] = 21601;
  EXPECT_THAT(verdict(job), HasSubstr("Member must have value less than or equal to 21600"));
}

TEST(Validate, ListElementsAreNumberedFromOne) {
  Json job = valid_job();
  Json channel = {{"ChannelName", "train"},
                  {"DataSource", {{"S3DataSource", {{"S3DataType", "S3Prefix"}, {"S3Uri", "s3://b/k"}}}}}};
  job["InputDataConfig"] = Json::array({channel, channel});
  EXPECT_EQ(verdict(job), "valid");
  job["InputDataConfig"][1]["ChannelName"] = std::string(65, 'c');
  EXPECT_THAT(verdict(job), HasSubstr("at 'inputDataConfig.2.member.channelName' failed to satisfy constraint: Member "
                                      "must have length less than or equal to 64"));
  job["InputDataConfig"][1]["ChannelName"] = "ok";
  job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = "file:///etc";
  EXPECT_THAT(verdict(job), HasSubstr("Value 'file:///etc' at "
                                      "'inputDataConfig.1.member.dataSource.s3DataSource.s3Uri' failed to satisfy "
                                      "constraint: Member must satisfy regular expression pattern: "
                                      "(https|s3)://([^/]+)/?(.*)"));
}

TEST(Validate, ListsHaveALength) {
  Json job = valid_job();
  job["InputDataConfig"] = Json::array();
  EXPECT_EQ(verdict(job),
            "1 validation error detected: Value '[]' at 'inputDataConfig' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1");
}

TEST(Validate, ATooLongListIsOneComplaintAndComplaintsAreCounted) {
  Json job = valid_job();
  job["Tags"] = Json::array();
  for (int i = 0; i < 51; ++i) job["Tags"].push_back(Json::object());
  EXPECT_THAT(verdict(job), StartsWith("1 validation error detected: Value '[{},{}"));
  job = valid_job();
  job["InputDataConfig"] = Json::array();
  for (int i = 0; i < 20; ++i) job["InputDataConfig"].push_back(Json::object());
  EXPECT_THAT(verdict(job), StartsWith("40 validation errors detected: "));
  for (int i = 0; i < 90; ++i) job["HyperParameters"]["k" + std::to_string(i)] = std::string(2501, 'x');
  EXPECT_THAT(verdict(job), StartsWith("100 validation errors detected: "));
}

TEST(Validate, MapsNameTheirEntry) {
  Json job = valid_job();
  job["HyperParameters"] = {{"epochs", std::string(2501, '1')}};
  EXPECT_THAT(verdict(job), HasSubstr("at 'hyperParameters.epochs' failed to satisfy constraint: Map value must satisfy "
                                      "constraint: [Member must have length less than or equal to 2500]"));
  job = valid_job();
  job["Environment"] = {{"1X", "value"}};
  EXPECT_THAT(verdict(job), HasSubstr("Value '1X' at 'environment' failed to satisfy constraint: Map keys must satisfy "
                                      "constraint: [Member must satisfy regular expression pattern: "
                                      "[a-zA-Z_][a-zA-Z0-9_]*]"));
}

TEST(Validate, AHundredVariablesAreAllowedAndOneMoreIsNot) {
  Json job = valid_job();
  for (int i = 0; i < 100; ++i) job["Environment"]["V" + std::to_string(i)] = "x";
  EXPECT_EQ(verdict(job), "valid");
  job["Environment"]["V100"] = "x";
  EXPECT_THAT(verdict(job), HasSubstr("at 'environment' failed to satisfy constraint: Member must have length less than "
                                      "or equal to 100"));
}

TEST(Validate, CollectsEverythingThatIsWrong) {
  Json job = valid_job();
  job.erase("RoleArn");
  job["ResourceConfig"]["InstanceType"] = "ml.huge";
  const std::string message = verdict(job);
  EXPECT_THAT(message, StartsWith("2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: "
                                  "Member must not be null; Value 'ml.huge' at 'resourceConfig.instanceType'"));
}

TEST(Validate, AWrongJsonTypeIsASerializationException) {
  Json job = valid_job();
  job["HyperParameters"] = {{"epochs", 3}};
  EXPECT_EQ(refusal(job),
            "SerializationException: Member 'hyperParameters.epochs' must be a string, not a number (3).");
  job = valid_job();
  job["InputDataConfig"] = "train";
  EXPECT_EQ(refusal(job), "SerializationException: Member 'inputDataConfig' must be a list, not a string (\"train\").");
  job = valid_job();
  job["ResourceConfig"] = Json::array();
  EXPECT_EQ(refusal(job), "SerializationException: Member 'resourceConfig' must be an object, not a list.");
  job = valid_job();
  job["EnableNetworkIsolation"] = "true";
  EXPECT_EQ(refusal(job),
            "SerializationException: Member 'enableNetworkIsolation' must be true or false, not a string (\"true\").");
  job = valid_job();
  job["ResourceConfig"]["InstanceCount"] = 1.5;
  EXPECT_THAT(refusal(job), StartsWith("SerializationException: Member 'resourceConfig.instanceCount' must be a 32-bit"));
  job["ResourceConfig"]["InstanceCount"] = std::int64_t{1} << 31;
  EXPECT_THAT(refusal(job), StartsWith("SerializationException: Member 'resourceConfig.instanceCount' must be a 32-bit"));
}

TEST(Validate, ALongBeyond64BitsIsRefused) {
  Json job = valid_job();
  job["InputDataConfig"] = Json::array({{{"ChannelName", "t"},
                                         {"DataSource", Json::object()},
                                         {"ShuffleConfig", {{"Seed", std::uint64_t{1} << 63}}}}});
  EXPECT_THAT(refusal(job), HasSubstr("shuffleConfig.seed' must be a 64-bit whole number"));
}

TEST(Validate, AWholeFloatIsAWholeNumber) {
  Json job = valid_job();
  job["ResourceConfig"]["InstanceCount"] = 2.0;
  EXPECT_EQ(verdict(job), "valid");
  EXPECT_EQ(job.get<wire::sagemaker::CreateTrainingJobRequest>().resource_config->instance_count, 2);
}

TEST(Validate, TimestampsAreNumbers) {
  const Operation& list = ops::ListTrainingJobs::kOperation;
  EXPECT_EQ(verdict({{"CreationTimeAfter", 1714557600.25}}, list), "valid");
  EXPECT_THAT(refusal({{"CreationTimeAfter", "2024-05-01"}}, list),
              HasSubstr("'creationTimeAfter' must be a number of seconds since 1970"));
}

TEST(Validate, UnknownMembersAreIgnored) {
  Json job = valid_job();
  job["FromTheFuture"] = {{"Anything", 1}};
  EXPECT_EQ(verdict(job), "valid");
}

TEST(Validate, ValuesAreCutInMessages) {
  Json job = valid_job();
  job["RoleArn"] = std::string(5000, 'r');
  EXPECT_LT(verdict(job).size(), 2000U);
}

Error s3_error(const Json& document, const Operation& operation) {
  Validator validator;
  validator.prepare(*operation.input);
  return s3_violation(validator.check(document, *operation.input).at(0));
}

TEST(Validate, S3SpeaksItsOwnCodes) {
  namespace s3 = wire::s3::ops;
  EXPECT_EQ(s3_error({{"Bucket", "b"}, {"Key", std::string(1025, 'k')}}, s3::HeadObject::kOperation).code(),
            "KeyTooLongError");
  EXPECT_EQ(s3_error({{"Bucket", "b"}, {"Key", "k"}, {"StorageClass", "COLD"}}, s3::PutObject::kOperation).code(),
            "InvalidStorageClass");
  EXPECT_EQ(s3_error({{"Bucket", "b"}, {"Key", "k"}, {"ChecksumAlgorithm", "MD4"}}, s3::PutObject::kOperation).code(),
            "InvalidRequest");
  EXPECT_EQ(s3_error({{"Bucket", "b"}, {"MaxKeys", -1}}, s3::ListObjectsV2::kOperation).code(), "InvalidArgument");
  EXPECT_EQ(s3_error({{"Bucket", "b"}, {"Key", "k"}, {"PartNumber", 10001}, {"UploadId", "u"}},
                     s3::UploadPart::kOperation).code(),
            "InvalidArgument");
  EXPECT_EQ(s3_error({{"Bucket", "b"}}, s3::DeleteObjects::kOperation).code(), "MissingRequestBodyError");
  EXPECT_EQ(s3_error({{"Bucket", "b"}, {"Delete", Json::object()}}, s3::DeleteObjects::kOperation).code(),
            "MalformedXML");
}

}  // namespace
}  // namespace millrace::aws
