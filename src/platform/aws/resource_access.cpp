#include "platform/aws/resource_access.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/base/arn.h"
#include "core/base/text.h"
#include "platform/aws/copy_source.h"

namespace millrace::aws {
namespace {

std::string text_of(const Json& document, const char* member) {
  const auto found = document.find(member);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// What is asked of buckets and their objects, by the names that policies know them by.
class BucketAccesses {
 public:
  explicit BucketAccesses(const BucketNames& buckets) : buckets_(buckets) {}

  void of_bucket(const std::string& action, std::string_view bucket) {
    add(action, bucket, "", "");
  }
  void of_object(const std::string& action, std::string_view bucket, std::string_view key) {
    add(action, bucket, "/" + std::string(key), "/object/" + std::string(key));
  }
  void of_everything(const std::string& action) { all_.push_back({"s3:" + action, "*"}); }

  std::vector<ResourceAccess> take() { return std::move(all_); }

 private:
  void add(const std::string& action, std::string_view bucket, const std::string& below,
           const std::string& below_on_outposts) {
    const std::vector<std::string>* arns = buckets_.arns_of(bucket);
    if (arns == nullptr) {
      all_.push_back({"s3:" + action, "arn:aws:s3:::" + std::string(bucket) + below});
      return;
    }
    for (const std::string& arn : *arns)
      all_.push_back({"s3-outposts:" + action, arn + below_on_outposts});
  }

  const BucketNames& buckets_;
  std::vector<ResourceAccess> all_;
};

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

std::vector<ResourceAccess> s3_accesses(const Operation& operation, const Json& document,
                                        const BucketNames& buckets) {
  const std::string bucket = text_of(document, "Bucket");
  BucketAccesses accesses(buckets);
  if (operation.name == "DeleteObjects") {
    for (const Json& object : document.at("Delete").at("Objects"))
      accesses.of_object("DeleteObject", bucket, text_of(object, "Key"));
    return accesses.take();
  }
  const auto* row = std::find_if(std::begin(kS3), std::end(kS3), [&](const S3Row& candidate) {
    return candidate.operation == operation.name;
  });
  const bool listed = row != std::end(kS3);
  const std::string action(listed ? row->action : operation.name);
  switch (listed ? row->resource : S3Resource::Object) {
    case S3Resource::Everything:
      accesses.of_everything(action);
      break;
    case S3Resource::Bucket:
      accesses.of_bucket(action, bucket);
      break;
    case S3Resource::Object:
      accesses.of_object(action, bucket, text_of(document, "Key"));
      break;
  }
  if (const std::string source = text_of(document, "CopySource"); !source.empty()) {
    const CopySource from = parse_copy_source(source);
    accesses.of_object("GetObject", from.bucket, from.key);
  }
  return accesses.take();
}

/// Of a request to S3 Control or S3 on Outposts: the ARN that it gives, or the name with the
/// Outpost that it is on.
std::string outposts_resource(const Json& document, const Caller& caller) {
  // "outpost/<outpost>/bucket/<name>", also with colons for the slashes.
  const auto with_slashes = [](std::string resource) {
    std::replace(resource.begin(), resource.end(), ':', '/');
    return resource;
  };
  const auto arn_of = [&](const std::string& name, const char* type) {
    if (std::optional<Arn> given = parse_arn(name)) {
      given->resource = with_slashes(given->resource);
      return given->text();
    }
    std::string outpost = text_of(document, "OutpostId");
    // A new access point is on the Outpost of its bucket.
    const std::optional<Arn> bucket = parse_arn(text_of(document, "Bucket"));
    const std::string place = bucket ? with_slashes(bucket->resource) : std::string();
    if (const auto parts = split(place, '/'); parts.size() > 1) outpost = parts[1];
    return Arn{.service = "s3-outposts",
               .region = caller.region,
               .account = caller.account,
               .resource = "outpost/" + outpost + "/" + type + "/" + name}
        .text();
  };
  if (const std::string name = text_of(document, "Name"); !name.empty())
    return arn_of(name, "accesspoint");
  if (const std::string name = text_of(document, "Bucket"); !name.empty())
    return arn_of(name, "bucket");
  if (const std::string name = text_of(document, "EndpointId"); !name.empty())
    return arn_of(name, "endpoint");
  return "*";
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

/// What LocateObjects is about to read, as one pattern: all below a prefix, or what the keys have in
/// common.
std::string located_keys(const Json& document) {
  const auto keys = document.find("Keys");
  if (keys == document.end() || !keys->is_array() || keys->empty())
    return text_of(document, "Prefix") + "*";
  std::string common = keys->front().get<std::string>();
  if (keys->size() == 1) return common;
  for (const Json& each : *keys) {
    const auto& key = each.get_ref<const std::string&>();
    const auto end = std::mismatch(common.begin(), common.end(), key.begin(), key.end()).first;
    common.erase(end, common.end());
  }
  return common + "*";
}

std::string logs_resource(const Json& document, const Caller& caller) {
  const std::string group = text_of(document, "logGroupName");
  if (group.empty()) return "*";
  return "arn:aws:logs:" + caller.region + ":" + caller.account + ":log-group:" + group;
}

std::string ecr_resource(const Json& document, const Caller& caller) {
  const std::string name = text_of(document, "repositoryName");
  if (name.empty()) return "*";
  return "arn:aws:ecr:" + caller.region + ":" + caller.account + ":repository/" + name;
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
                                        const Json& document, const Caller& caller,
                                        const BucketNames& buckets) {
  const std::string action(operation.name);
  if (service.name == "s3") return s3_accesses(operation, document, buckets);
  if (service.name == "s3control" || service.name == "s3outposts")
    return {{"s3-outposts:" + action, outposts_resource(document, caller)}};
  if (service.name == "sts") return {};
  if (service.name == "iam") return {{"iam:" + action, iam_resource(document, caller)}};
  if (service.name == "logs") return {{"logs:" + action, logs_resource(document, caller)}};
  if (service.name == "cloudwatch") return {{"cloudwatch:" + action, "*"}};
  if (service.name == "ecr") return {{"ecr:" + action, ecr_resource(document, caller)}};
  if (service.name == "control") {
    // A supervisor that links a channel's files reads the objects behind a prefix.
    if (operation.name == "LocateObjects") {
      const std::string bucket = text_of(document, "Bucket");
      BucketAccesses accesses(buckets);
      accesses.of_bucket("ListBucket", bucket);
      accesses.of_object("GetObject", bucket, located_keys(document));
      return accesses.take();
    }
    return {{"millrace:" + action, "*"}};
  }
  std::vector<ResourceAccess> accesses{
      {"sagemaker:" + action, sagemaker_resource(operation, document, caller)}};
  add_file_systems(document, caller, accesses);
  return accesses;
}

}  // namespace millrace::aws
