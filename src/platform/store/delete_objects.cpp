#include "core/base/error.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

constexpr std::size_t kMaxKeysPerRequest = 1000;

}  // namespace

wire::s3::DeleteObjectOutput Store::delete_object(const wire::s3::DeleteObjectRequest& request,
                                                  const aws::Caller& caller) {
  refuse_unsupported(request);
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  std::vector<std::string> released;
  database_.write([&](records::Connection& connection) {
    require_bucket(connection, request.bucket);
    records::ObjectTable objects(connection);
    const std::optional<records::ObjectRow> row = objects.find(request.bucket, request.key);
    check_write({.if_match = request.if_match}, row ? std::optional(row->etag) : std::nullopt);
    if (!row) return;
    objects.erase(request.bucket, request.key);
    released = {row->content};
    release(connection, released);
  });
  open_objects_.forget(request.bucket, request.key);
  unlink(released);
  return {};
}

wire::s3::DeleteObjectsOutput Store::delete_objects(const wire::s3::DeleteObjectsRequest& request,
                                                    const aws::Caller& caller) {
  refuse_unsupported(request);
  enter({.bucket = request.bucket,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  const std::vector<wire::s3::ObjectIdentifier>& named = request.delete_.objects;
  if (named.empty() || named.size() > kMaxKeysPerRequest) {
    throw Error(Blame::Customer, "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our "
                "published schema: a request "
                "deletes 1 to 1000 objects.");
  }
  wire::s3::DeleteObjectsOutput output;
  std::vector<const std::string*> keys;
  for (const wire::s3::ObjectIdentifier& object : named) {
    try {
      check_version(object.version_id);
      check_key(object.key);
      // Keys are granted one by one, so one that is not is an entry of the answer.
      enter({.bucket = request.bucket, .key = object.key, .access = Access::Write}, caller);
      keys.push_back(&object.key);
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer) throw;
      if (!output.errors) output.errors.emplace();
      output.errors->push_back({.key = object.key,
                                .version_id = object.version_id,
                                .code = error.code(),
                                .message = error.what()});
    }
  }

  std::vector<std::string> released;
  database_.write([&](records::Connection& connection) {
    require_bucket(connection, request.bucket);
    records::ObjectTable objects(connection);
    for (const std::string* key : keys) {
      const std::optional<records::ObjectRow> row = objects.find(request.bucket, *key);
      if (!row) continue;
      objects.erase(request.bucket, *key);
      released.push_back(row->content);
    }
    release(connection, released);
  });
  for (const std::string* key : keys) open_objects_.forget(request.bucket, *key);
  unlink(released);

  if (!request.delete_.quiet.value_or(false)) {
    output.deleted.emplace();
    for (const std::string* key : keys) output.deleted->push_back({.key = *key});
  }
  return output;
}

}  // namespace millrace::store
