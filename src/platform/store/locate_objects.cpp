#include "core/base/error.h"
#include "platform/store/listing.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

// A page small enough for one answer, large enough that a channel of a million files takes a
// thousand questions.
constexpr std::int64_t kPage = 1000;

}  // namespace

wire::control::LocateObjectsResponse Store::locate_objects(
    const wire::control::LocateObjectsRequest& request, const aws::Caller& caller) {
  enter({.bucket = request.bucket, .key = request.prefix}, caller);
  if (!caller.job.empty() && !caller.supervisor) {
    throw Error(Blame::Customer, "AccessDenied",
                "Access Denied: only a job's supervisor may ask where files lie");
  }
  const Listing page = database_.read([&](records::Connection& connection) {
    return list_page(connection, {.bucket = request.bucket,
                                  .prefix = request.prefix,
                                  .after = request.start_after.value_or(""),
                                  .limit = kPage});
  });
  wire::control::LocateObjectsResponse response{.is_truncated = page.truncated};
  for (const ListedObject& object : page.objects) {
    response.objects.push_back({.key = object.key,
                                .size = object.size,
                                .e_tag = '"' + object.etag + '"',
                                .path = contents_.path(object.content).string()});
  }
  return response;
}

}  // namespace millrace::store
