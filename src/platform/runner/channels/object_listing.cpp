#include "platform/runner/channels/object_listing.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

using wire::control::LocateObjectsRequest;
using wire::control::LocateObjectsResponse;
using wire::control::ObjectLocation;

constexpr std::size_t kLocatePage = 1000;  // LocateObjects takes no more keys at once

LocateObjectsResponse locate_page(Daemon& daemon, const LocateObjectsRequest& request,
                                  const Patience& patience, const std::stop_token& stop,
                                  const std::string& what) {
  try {
    return with_retry(patience, stop, [&] { return daemon.locate(request); });
  } catch (const Error& error) {
    if (stop.stop_requested()) return {};
    throw Error(error.blame(), error.code(), what + ": " + error.what());
  }
}

}  // namespace

ChannelObject channel_object(const std::string& bucket, wire::control::ObjectLocation&& location) {
  ChannelObject object{.name = {.bucket = bucket, .key = std::move(location.key)},
                       .e_tag = std::move(location.e_tag),
                       .size = location.size,
                       .path = std::nullopt};
  if (location.path) object.path = *std::move(location.path);
  return object;
}

std::vector<ChannelObject> list_objects(Daemon& daemon, const ObjectName& prefix,
                                        const Patience& patience, const std::stop_token& stop,
                                        const std::string& what) {
  std::vector<ChannelObject> objects;
  LocateObjectsRequest request{.bucket = prefix.bucket, .prefix = prefix.key};
  for (bool more = true; more && !stop.stop_requested();) {
    LocateObjectsResponse page = locate_page(daemon, request, patience, stop, what);
    if (objects.size() + page.objects.size() > kMaxListedObjects) {
      throw Error(Blame::Customer, what + ": there are more than " +
                                       std::to_string(kMaxListedObjects) + " objects below " +
                                       prefix.uri() +
                                       ". Pack them into larger ones, or name a narrower prefix.");
    }
    for (auto& each : page.objects)
      objects.push_back(channel_object(prefix.bucket, std::move(each)));
    more = page.is_truncated && !page.objects.empty();
    if (more) request.start_after = objects.back().name.key;
  }
  return objects;
}

void locate_objects(Daemon& daemon, std::span<ChannelObject> objects, const Patience& patience,
                    const std::stop_token& stop, const std::string& what) {
  std::map<std::string, std::vector<ChannelObject*>> by_bucket;
  for (ChannelObject& each : objects) by_bucket[each.name.bucket].push_back(&each);
  for (const auto& [bucket, named] : by_bucket) {
    for (std::size_t at = 0; at < named.size(); at += kLocatePage) {
      const auto some = std::span(named).subspan(at, std::min(kLocatePage, named.size() - at));
      LocateObjectsRequest request{.bucket = bucket, .prefix = {}, .keys = {{}}};
      for (const ChannelObject* each : some) request.keys->push_back(each->name.key);
      const LocateObjectsResponse answer = locate_page(daemon, request, patience, stop, what);
      if (stop.stop_requested()) return;
      std::unordered_map<std::string_view, const ObjectLocation*> found;
      for (const ObjectLocation& location : answer.objects) found.emplace(location.key, &location);
      for (ChannelObject* each : some) {
        const auto location = found.find(each->name.key);
        if (location != found.end())
          *each = channel_object(bucket, ObjectLocation(*location->second));
      }
    }
  }
}

std::vector<ListedKey> keys_of(const std::vector<ChannelObject>& objects) {
  std::vector<ListedKey> keys;
  keys.reserve(objects.size());
  for (const ChannelObject& each : objects)
    keys.push_back({.key = each.name.key, .empty = each.size == 0});
  return keys;
}

std::vector<ListedKey> keys_of(const std::vector<const ChannelObject*>& objects) {
  std::vector<ListedKey> keys;
  keys.reserve(objects.size());
  for (const ChannelObject* each : objects)
    keys.push_back({.key = each->name.key, .empty = each->size == 0});
  return keys;
}

}  // namespace millrace::runner
