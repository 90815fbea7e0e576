#include "platform/aws/resource_access.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "core/base/text.h"
#include "platform/aws/copy_source.h"

namespace millrace::aws {
namespace {

std::string text_of(const Json& document, const char* member) {
  const auto found = document.find(member);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string bucket_arn(std::string_view bucket) {
  return "arn:aws:s3:::" + std::string(bucket);
}

std::string object_arn(std::string_view bucket, std::string_view key) {
  return bucket_arn(bucket) + "/" + std::string(key);
}

enum class S3Resource : std::uint8_t { Everything, Bucket, Object };

/// Operations whose action is not their own name, or whose resource is not an object.
struct S3Row {
  std::string_view operation;
  std::string_view action;
  S3Resource resource;
};

constexpr S3Row kS3[] = {
    {"ListBuckets", "ListAllMyBuckets", S3Resource::Everything},
    {"CreateBucket", "CreateBucket", S3Resource::Bucket},
    {"HeadBucket", "ListBucket", S3Resource::Bucket},
    {"DeleteBucket", "DeleteBucket", S3Resource::Bucket},
    {"GetBucketLocation", "GetBucketLocation", S3Resource::Bucket},
    {"GetBucketVersioning", "GetBucketVersioning", S3Resource::Bucket},
    {"ListObjects", "ListBucket", S3Resource::Bucket},
    {"ListObjectsV2", "ListBucket", S3Resource::Bucket},
    {"ListMultipartUploads", "ListBucketMultipartUploads", S3Resource::Bucket},
    {"HeadObject", "GetObject", S3Resource::Object},
    {"CopyObject", "PutObject", S3Resource::Object},
    {"CreateMultipartUpload", "PutObject", S3Resource::Object},
    {"UploadPart", "PutObject", S3Resource::Object},
    {"UploadPartCopy", "PutObject", S3Resource::Object},
    {"CompleteMultipartUpload", "PutObject", S3Resource::Object},
    {"ListParts", "ListMultipartUploadParts", S3Resource::Object},
};

std::vector<ResourceAccess> s3_accesses(const Operation& operation, const Json& document) {
  const std::string bucket = text_of(document, "Bucket");
  if (operation.name == "DeleteObjects") {
    std::vector<ResourceAccess> accesses;
    for (const Json& object : document.at("Delete").at("Objects"))
      accesses.push_back({"s3:DeleteObject", object_arn(bucket, text_of(object, "Key"))});
    return accesses;
  }
  const auto* row = std::find_if(std::begin(kS3), std::end(kS3), [&](const S3Row& candidate) {
    return candidate.operation == operation.name;
  });
  const bool listed = row != std::end(kS3);
  const std::string action = "s3:" + std::string(listed ? row->action : operation.name);
  std::vector<ResourceAccess> accesses;
  switch (listed ? row->resource : S3Resource::Object) {
    case S3Resource::Everything:
      accesses.push_back({action, "*"});
      break;
    case S3Resource::Bucket:
      accesses.push_back({action, bucket_arn(bucket)});
      break;
    case S3Resource::Object:
      accesses.push_back({action, object_arn(bucket, text_of(document, "Key"))});
      break;
  }
  if (const std::string source = text_of(document, "CopySource"); !source.empty()) {
    const CopySource from = parse_copy_source(source);
    accesses.push_back({"s3:GetObject", object_arn(from.bucket, from.key)});
  }
  return accesses;
}

/// "TrainingJob" -> "training-job", the type in SageMaker's ARNs.
std::string kebab(std::string_view words) {
  std::string text;
  for (const char c : words) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !text.empty()) text += '-';
    text += capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

/// DescribeTrainingJob {TrainingJobName} concerns training-job/<name>; what names its resource by
/// an ARN concerns that; a listing concerns everything.
std::string sagemaker_resource(const Operation& operation, const Json& document,
                               const Caller& caller) {
  if (std::string arn = text_of(document, "ResourceArn"); !arn.empty()) return arn;
  const std::size_t verb = operation.name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1);
  if (verb == std::string_view::npos) return "*";
  std::string noun(operation.name.substr(verb));
  for (const std::string_view suffix : {"WeightsAndCapacities", "WithResponseStream", "Async"}) {
    if (noun.ends_with(suffix)) noun.resize(noun.size() - suffix.size());
  }
  const std::string name = text_of(document, (noun + "Name").c_str());
  if (name.empty()) return "*";
  return "arn:aws:sagemaker:" + caller.region + ":" + caller.account + ":" + kebab(noun) + "/" +
         to_lower(name);
}

/// What a job's channels need of file systems: what IAM has for a client that mounts one of EFS,
/// and the same words for FSx, of which it has none.
void add_file_systems(const Json& document, const Caller& caller,
                      std::vector<ResourceAccess>& accesses) {
  const auto channels = document.find("InputDataConfig");
  if (channels == document.end() || !channels->is_array()) return;
  for (const Json& channel : *channels) {
    const Json source =
        channel.value("DataSource", Json::object()).value("FileSystemDataSource", Json());
    if (!source.is_object()) continue;
    const std::string service =
        text_of(source, "FileSystemType") == "EFS" ? "elasticfilesystem" : "fsx";
    const std::string resource = "arn:aws:" + service + ":" + caller.region + ":" + caller.account +
                                 ":file-system/" + text_of(source, "FileSystemId");
    accesses.push_back({service + ":ClientMount", resource});
    if (text_of(source, "FileSystemAccessMode") != "ro")
      accesses.push_back({service + ":ClientWrite", resource});
  }
}

std::string logs_resource(const Json& document, const Caller& caller) {
  const std::string group = text_of(document, "logGroupName");
  if (group.empty()) return "*";
  return "arn:aws:logs:" + caller.region + ":" + caller.account + ":log-group:" + group;
}

std::string iam_resource(const Json& document, const Caller& caller) {
  for (const auto& [member, type] :
       {std::pair{"UserName", "user"}, std::pair{"RoleName", "role"}}) {
    if (const std::string name = text_of(document, member); !name.empty())
      return "arn:aws:iam::" + caller.account + ":" + type + "/" + name;
  }
  return "*";
}

}  // namespace

std::vector<ResourceAccess> accesses_of(const Service& service, const Operation& operation,
                                        const Json& document, const Caller& caller) {
  const std::string action(operation.name);
  if (service.name == "s3") return s3_accesses(operation, document);
  if (service.name == "sts") return {};
  if (service.name == "iam") return {{"iam:" + action, iam_resource(document, caller)}};
  if (service.name == "logs") return {{"logs:" + action, logs_resource(document, caller)}};
  if (service.name == "cloudwatch") return {{"cloudwatch:" + action, "*"}};
  if (service.name == "control") {
    // A supervisor that links a channel's files reads the objects behind a prefix.
    if (operation.name == "LocateObjects") {
      const std::string bucket = text_of(document, "Bucket");
      return {{"s3:ListBucket", bucket_arn(bucket)},
              {"s3:GetObject", object_arn(bucket, text_of(document, "Prefix") + "*")}};
    }
    return {{"millrace:" + action, "*"}};
  }
  std::vector<ResourceAccess> accesses{
      {"sagemaker:" + action, sagemaker_resource(operation, document, caller)}};
  add_file_systems(document, caller, accesses);
  return accesses;
}

}  // namespace millrace::aws
