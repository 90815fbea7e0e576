#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/store/bucket_name.h"
#include "platform/store/erase_bucket.h"
#include "platform/store/list_encoding.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

// The one region whose buckets have no location constraint, and where making one's own bucket again
// succeeds.
constexpr std::string_view kFirstRegion = "us-east-1";

/// Job keys name one job; what buckets there are is not theirs to decide.
void refuse_jobs(const aws::Caller& caller) {
  if (!caller.job.empty())
    throw Error(Blame::Customer, "AccessDenied", "Access Denied: the keys of a job cannot do this");
}

std::string region_asked_for(const wire::s3::CreateBucketRequest& request,
                             const aws::Caller& caller) {
  if (!request.create_bucket_configuration ||
      !request.create_bucket_configuration->location_constraint) {
    return caller.region;
  }
  const std::string& constraint = *request.create_bucket_configuration->location_constraint;
  // "EU" is S3's old name for eu-west-1.
  const std::string region = constraint == "EU" ? "eu-west-1" : constraint;
  // A client of the first region may name any other: its endpoint is the global one.
  if (region != caller.region && caller.region != kFirstRegion) {
    throw Error(Blame::Customer, "IllegalLocationConstraintException",
                "The " + printable(constraint, 60) +
                    " location constraint is incompatible for the region specific endpoint this "
                    "request was sent to.");
  }
  return region;
}

}  // namespace

void erase_bucket(records::Connection& connection, const std::string& bucket) {
  if (records::ObjectTable(connection).any(bucket)) {
    throw Error(Blame::Customer, "BucketNotEmpty", "The bucket you tried to delete is not empty");
  }
  records::UploadTable uploads(connection);
  if (uploads.any_open(bucket)) {
    throw Error(Blame::Customer, "BucketNotEmpty",
                "The bucket you tried to delete is not empty: a multipart upload is open. Abort "
                "it first.");
  }
  uploads.erase_completed(bucket);
  records::BucketTable(connection).erase(bucket);
}

wire::s3::ListBucketsOutput Store::list_buckets(const wire::s3::ListBucketsRequest& request,
                                                const aws::Caller& caller) {
  wire::s3::ListBucketsOutput output{
      .buckets = std::vector<wire::s3::Bucket>(),
      .owner = wire::s3::Owner{.display_name = caller.account, .id = caller.account},
      .prefix = request.prefix};
  const std::string after =
      request.continuation_token ? continuation_of(*request.continuation_token) : std::string();
  const std::vector<records::BucketRow> buckets =
      database_.read([&](records::Connection& connection) {
        return records::BucketTable(connection).of_account(caller.account);
      });
  for (const records::BucketRow& bucket : buckets) {
    if (allowed_ && !allowed_(caller, bucket.name, {}, Access::Read)) continue;
    if (bucket.name <= after || !bucket.name.starts_with(request.prefix.value_or(""))) continue;
    if (request.bucket_region && *request.bucket_region != bucket.region) continue;
    if (request.max_buckets &&
        static_cast<std::int64_t>(output.buckets->size()) == *request.max_buckets) {
      output.continuation_token = continuation_token(*output.buckets->back().name);
      break;
    }
    output.buckets->push_back({.name = bucket.name, .creation_date = bucket.created_at});
  }
  return output;
}

wire::s3::CreateBucketOutput Store::create_bucket(const wire::s3::CreateBucketRequest& request,
                                                  const aws::Caller& caller) {
  refuse_jobs(caller);
  refuse_unsupported(request);
  check_bucket_name(request.bucket);
  const records::BucketRow row{.name = request.bucket,
                               .account = caller.account,
                               .region = region_asked_for(request, caller),
                               .created_at = now()};
  if (allowed_ && !allowed_(caller, row.name, {}, Access::Write)) {
    throw Error(Blame::Customer, "AccessDenied", "Access Denied");
  }
  const auto taken =
      database_.write([&](records::Connection& connection) -> std::optional<records::BucketRow> {
        records::BucketTable buckets(connection);
        return buckets.insert(row) ? std::nullopt : buckets.find(row.name);
      });
  if (taken && taken->account != caller.account) {
    throw Error(Blame::Customer, "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket namespace is shared by all "
                "users of the system. "
                "Please select a different name and try again.");
  }
  if (taken && taken->region != kFirstRegion) {
    throw Error(
        Blame::Customer, "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.");
  }
  return {.location = '/' + row.name};
}

wire::s3::HeadBucketOutput Store::head_bucket(const wire::s3::HeadBucketRequest& request,
                                              const aws::Caller& caller) {
  return {.bucket_region =
              enter({.bucket = request.bucket, .expected_owner = &request.expected_bucket_owner},
                    caller)
                  .region};
}

wire::Empty Store::delete_bucket(const wire::s3::DeleteBucketRequest& request,
                                 const aws::Caller& caller) {
  enter({.bucket = request.bucket,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  refuse_jobs(caller);
  database_.write([&](records::Connection& connection) {
    require_bucket(connection, request.bucket);
    erase_bucket(connection, request.bucket);
  });
  return {};
}

wire::s3::GetBucketLocationOutput Store::get_bucket_location(
    const wire::s3::GetBucketLocationRequest& request, const aws::Caller& caller) {
  const records::BucketRow bucket =
      enter({.bucket = request.bucket, .expected_owner = &request.expected_bucket_owner}, caller);
  if (bucket.region == kFirstRegion) return {};
  return {.location_constraint = bucket.region};
}

wire::s3::GetBucketVersioningOutput Store::get_bucket_versioning(
    const wire::s3::GetBucketVersioningRequest& request, const aws::Caller& caller) {
  enter({.bucket = request.bucket, .expected_owner = &request.expected_bucket_owner}, caller);
  return {};
}

}  // namespace millrace::store
