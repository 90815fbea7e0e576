#include "platform/outposts/buckets.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"
#include "platform/identity/policy.h"
#include "platform/outposts/find_bucket.h"
#include "platform/outposts/page.h"
#include "platform/outposts/resource_names.h"
#include "platform/outposts/resource_policy.h"
#include "platform/records/buckets.h"
#include "platform/store/bucket_name.h"
#include "platform/store/erase_bucket.h"

namespace millrace::outposts {
namespace {

namespace sc = wire::s3control;
using records::Connection;
using records::OutpostBucketRow;
using records::OutpostBucketTable;

constexpr std::int64_t kLargestPage = 1000;
constexpr std::size_t kMostTags = 50;

[[noreturn]] void refuse(const char* code, const std::string& message) {
  throw Error(Blame::Customer, code, message);
}

/// What S3 Control's CreateBucket takes for other buckets than those of an Outpost.
void refuse_unsupported(const sc::CreateBucketRequest& request) {
  const auto refused = [](const char* what) {
    refuse("InvalidRequest",
           std::string(what) + " is not supported by buckets on Outposts. Leave it out.");
  };
  if (request.acl && *request.acl != sc::BucketCannedACL::private_) refused("x-amz-acl");
  if (request.grant_full_control || request.grant_read || request.grant_read_acp ||
      request.grant_write || request.grant_write_acp) {
    refused("x-amz-grant-*");
  }
  if (request.object_lock_enabled_for_bucket.value_or(false))
    refused("x-amz-bucket-object-lock-enabled");
  if (request.create_bucket_configuration &&
      request.create_bucket_configuration->location_constraint) {
    refused("LocationConstraint");
  }
}

std::vector<sc::S3Tag> checked_tags(const std::vector<sc::S3Tag>& tags) {
  if (tags.size() > kMostTags)
    refuse("InvalidTag", "A bucket has at most " + std::to_string(kMostTags) + " tags.");
  for (std::size_t i = 0; i < tags.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (tags[i].key == tags[j].key)
        refuse("InvalidTag", "Cannot provide multiple Tags with the same key");
    }
  }
  return tags;
}

/// Reads a bucket of the caller, changes it and writes it back.
template <class Change>
void change_bucket(records::Database& database, const ResourceName& name, const aws::Caller& caller,
                   Change change) {
  database.write([&](Connection& connection) {
    OutpostBucketRow row = find_bucket(connection, name, caller);
    change(row);
    OutpostBucketTable(connection).update(row);
  });
}

OutpostBucketRow read_bucket(records::Database& database, const ResourceName& name,
                             const aws::Caller& caller) {
  return database.read(
      [&](Connection& connection) { return find_bucket(connection, name, caller); });
}

template <class Request>
ResourceName bucket_of(const Request& request, const aws::Caller& caller,
                       std::string_view operation) {
  require_owner(request.account_id, caller, operation);
  return resource_named("bucket", request.bucket, request.outpost_id, caller);
}

}  // namespace

void require_outpost(Connection& connection, const std::string& outpost) {
  if (records::OutpostTable(connection).find(outpost)) return;
  refuse("NoSuchOutpost", "The specified Outpost does not exist: '" + printable(outpost, 80) +
                              "' is none of this installation's. 'millrace outposts add' adds it.");
}

OutpostBucketRow find_bucket(Connection& connection, const ResourceName& name,
                             const aws::Caller& caller) {
  require_outpost(connection, name.outpost);
  std::optional<OutpostBucketRow> row =
      OutpostBucketTable(connection).find(name.outpost, name.name);
  if (!row || row->account != caller.account || row->region != name.region)
    refuse("NoSuchBucket", "The specified bucket does not exist");
  return *std::move(row);
}

sc::CreateBucketResult Buckets::create(const sc::CreateBucketRequest& request,
                                       const aws::Caller& caller) {
  require_owner(std::nullopt, caller, "CreateBucket");
  if (!request.outpost_id) {
    refuse("InvalidRequest",
           "OutpostId is missing: S3 Control makes buckets on Outposts only. Name an Outpost "
           "(x-amz-outpost-id), or make an ordinary bucket with the CreateBucket of S3.");
  }
  refuse_unsupported(request);
  store::check_bucket_name(request.bucket);
  const OutpostBucketRow row{.outpost = *request.outpost_id,
                             .name = request.bucket,
                             .account = caller.account,
                             .region = caller.region,
                             .created_at = now(),
                             .policy = {},
                             .tags = {}};
  database_.write([&](Connection& connection) {
    require_outpost(connection, row.outpost);
    OutpostBucketTable table(connection);
    if (!table.insert(row)) {
      const bool own = table.find(row.outpost, row.name).value().account == caller.account;
      if (own)
        refuse(
            "BucketAlreadyOwnedByYou",
            "The bucket that you tried to create already exists in your Outpost and you own it.");
      refuse("BucketAlreadyExists",
             "The requested bucket name is not available. Select a different name and try again.");
    }
    records::BucketTable(connection)
        .insert({.name = row.store_name(),
                 .account = row.account,
                 .region = row.region,
                 .created_at = row.created_at});
  });
  return {.location = "/v20180820/bucket/" + row.name,
          .bucket_arn = outposts_arn(row.region, row.account, row.outpost, "bucket", row.name)};
}

sc::GetBucketResult Buckets::get(const sc::GetBucketRequest& request, const aws::Caller& caller) {
  const OutpostBucketRow row =
      read_bucket(database_, bucket_of(request, caller, "GetBucket"), caller);
  return {.bucket = row.name, .public_access_block_enabled = true, .creation_date = row.created_at};
}

sc::ListRegionalBucketsResult Buckets::list(const sc::ListRegionalBucketsRequest& request,
                                            const aws::Caller& caller) {
  require_owner(request.account_id, caller, "ListRegionalBuckets");
  std::vector<OutpostBucketRow> rows = database_.read([&](Connection& connection) {
    if (request.outpost_id) require_outpost(connection, *request.outpost_id);
    return OutpostBucketTable(connection).list(request.outpost_id.value_or(""));
  });
  std::erase_if(rows, [&](const OutpostBucketRow& row) {
    return row.account != caller.account || row.region != caller.region;
  });
  auto page = page_of(
      std::move(rows), [](const OutpostBucketRow& row) { return row.store_name(); },
      request.next_token, request.max_results.value_or(0), kLargestPage);
  sc::ListRegionalBucketsResult result{.regional_bucket_list = std::vector<sc::RegionalBucket>(),
                                       .next_token = page.next_token};
  for (const OutpostBucketRow& row : page.rows) {
    result.regional_bucket_list->push_back(
        {.bucket = row.name,
         .bucket_arn = outposts_arn(row.region, row.account, row.outpost, "bucket", row.name),
         .public_access_block_enabled = true,
         .creation_date = row.created_at,
         .outpost_id = row.outpost});
  }
  return result;
}

wire::Empty Buckets::remove(const sc::DeleteBucketRequest& request, const aws::Caller& caller) {
  const ResourceName name = bucket_of(request, caller, "DeleteBucket");
  database_.write([&](Connection& connection) {
    const OutpostBucketRow row = find_bucket(connection, name, caller);
    const auto points = records::AccessPointTable(connection).list();
    const bool attached = std::any_of(points.begin(), points.end(), [&](const auto& point) {
      return point.outpost == row.outpost && point.bucket == row.name;
    });
    if (attached) {
      refuse("BucketHasAccessPointsAttached",
             "The bucket you tried to delete has access points attached. Delete your access points "
             "before deleting your bucket.");
    }
    store::erase_bucket(connection, row.store_name());
    OutpostBucketTable(connection).erase(row.outpost, row.name);
  });
  return {};
}

wire::Empty Buckets::put_policy(const sc::PutBucketPolicyRequest& request,
                                const aws::Caller& caller) {
  const ResourceName name = bucket_of(request, caller, "PutBucketPolicy");
  check_resource_policy(request.policy);
  change_bucket(database_, name, caller,
                [&](OutpostBucketRow& row) { row.policy = request.policy; });
  return {};
}

sc::GetBucketPolicyResult Buckets::get_policy(const sc::GetBucketPolicyRequest& request,
                                              const aws::Caller& caller) {
  const OutpostBucketRow row =
      read_bucket(database_, bucket_of(request, caller, "GetBucketPolicy"), caller);
  if (!row.policy) refuse("NoSuchBucketPolicy", "The bucket policy does not exist");
  return {.policy = row.policy};
}

wire::Empty Buckets::delete_policy(const sc::DeleteBucketPolicyRequest& request,
                                   const aws::Caller& caller) {
  change_bucket(database_, bucket_of(request, caller, "DeleteBucketPolicy"), caller,
                [](OutpostBucketRow& row) { row.policy.reset(); });
  return {};
}

wire::Empty Buckets::put_tagging(const sc::PutBucketTaggingRequest& request,
                                 const aws::Caller& caller) {
  const ResourceName name = bucket_of(request, caller, "PutBucketTagging");
  Json tags = Json::array();
  for (const sc::S3Tag& tag : checked_tags(request.tagging.tag_set)) tags.push_back(tag);
  change_bucket(database_, name, caller, [&](OutpostBucketRow& row) { row.tags = to_text(tags); });
  return {};
}

sc::GetBucketTaggingResult Buckets::get_tagging(const sc::GetBucketTaggingRequest& request,
                                                const aws::Caller& caller) {
  const OutpostBucketRow row =
      read_bucket(database_, bucket_of(request, caller, "GetBucketTagging"), caller);
  if (!row.tags) refuse("NoSuchTagSet", "The TagSet does not exist");
  sc::GetBucketTaggingResult result;
  for (const Json& tag : parse_json(*row.tags, "tags of " + row.store_name()))
    result.tag_set.push_back(tag.get<sc::S3Tag>());
  return result;
}

wire::Empty Buckets::delete_tagging(const sc::DeleteBucketTaggingRequest& request,
                                    const aws::Caller& caller) {
  change_bucket(database_, bucket_of(request, caller, "DeleteBucketTagging"), caller,
                [](OutpostBucketRow& row) { row.tags.reset(); });
  return {};
}

sc::GetBucketVersioningResult Buckets::get_versioning(const sc::GetBucketVersioningRequest& request,
                                                      const aws::Caller& caller) {
  static_cast<void>(
      read_bucket(database_, bucket_of(request, caller, "GetBucketVersioning"), caller));
  return {};
}

}  // namespace millrace::outposts
