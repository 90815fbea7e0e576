#include <algorithm>

#include "core/base/error.h"
#include "platform/records/buckets.h"
#include "platform/records/objects.h"
#include "platform/store/listing.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

// A page small enough for one answer, large enough that a channel of a million files takes a
// thousand questions.
constexpr std::int64_t kPage = 1000;

wire::control::ObjectLocation location(const Contents& contents, std::string key, std::int64_t size,
                                       const std::string& etag, const std::string& content) {
  return {.key = std::move(key),
          .size = size,
          .e_tag = '"' + etag + '"',
          .path = contents.path(content).string()};
}

}  // namespace

wire::control::LocateObjectsResponse Store::locate_keys(const std::string& bucket,
                                                        std::vector<std::string> keys,
                                                        const aws::Caller& caller) {
  const records::BucketRow row = enter({.bucket = bucket, .key = keys.front()}, caller);
  for (const std::string& key : keys)
    check_access({.bucket = bucket, .key = key}, row.account, caller);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  wire::control::LocateObjectsResponse response;
  database_.read([&](records::Connection& connection) {
    records::ObjectTable objects(connection);
    for (const std::string& key : keys) {
      const auto found = objects.find(bucket, key);
      if (found)
        response.objects.push_back(
            location(contents_, key, found->size, found->etag, found->content));
    }
  });
  return response;
}

wire::control::LocateObjectsResponse Store::locate_objects(
    const wire::control::LocateObjectsRequest& request, const aws::Caller& caller) {
  enter({.bucket = request.bucket, .key = request.prefix}, caller);
  if (!caller.job.empty() && !caller.supervisor) {
    throw Error(Blame::Customer, "AccessDenied",
                "Access Denied: only a job's supervisor may ask where files lie");
  }
  if (request.keys) {
    if (!request.prefix.empty() || request.start_after) {
      throw Error(Blame::Customer, "InvalidArgument",
                  "Keys is given instead of Prefix and StartAfter. Leave Prefix empty.");
    }
    return locate_keys(request.bucket, *request.keys, caller);
  }
  const Listing page = database_.read([&](records::Connection& connection) {
    return list_page(connection, {.bucket = request.bucket,
                                  .prefix = request.prefix,
                                  .after = request.start_after.value_or(""),
                                  .limit = kPage});
  });
  wire::control::LocateObjectsResponse response{.is_truncated = page.truncated};
  for (const ListedObject& object : page.objects) {
    response.objects.push_back(
        location(contents_, object.key, object.size, object.etag, object.content));
  }
  return response;
}

}  // namespace millrace::store
