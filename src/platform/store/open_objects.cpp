#include "platform/store/open_objects.h"

#include <functional>

namespace millrace::store {

OpenObjects::Found OpenObjects::find(std::string_view bucket, std::string_view key) {
  const std::string name = name_of(bucket, key);
  return state_.with([&](State& state) {
    Found found{.object = nullptr, .generation = generation_of(state, name)};
    if (const auto entry = state.by_name.find(name); entry != state.by_name.end()) {
      state.order.splice(state.order.begin(), state.order, entry->second);
      found.object = entry->second->second;
    }
    return found;
  });
}

void OpenObjects::keep(const Found& found, std::shared_ptr<const OpenObject> object) {
  if (object->object.parts.size() > kMaxParts) return;
  std::string name = name_of(object->object.bucket, object->object.key);
  // What falls out of the cache is released after the mutex is.
  Order dropped;
  state_.with([&](State& state) {
    if (generation_of(state, name) != found.generation || state.by_name.contains(name)) return;
    state.order.emplace_front(std::move(name), std::move(object));
    state.by_name.emplace(state.order.front().first, state.order.begin());
    if (state.order.size() > kMaxObjects) {
      state.by_name.erase(state.order.back().first);
      dropped.splice(dropped.begin(), state.order, std::prev(state.order.end()));
    }
  });
}

void OpenObjects::forget(std::string_view bucket, std::string_view key) {
  const std::string name = name_of(bucket, key);
  Order dropped;
  state_.with([&](State& state) {
    ++generation_of(state, name);
    if (const auto entry = state.by_name.find(name); entry != state.by_name.end()) {
      const Order::iterator position = entry->second;
      state.by_name.erase(entry);
      dropped.splice(dropped.begin(), state.order, position);
    }
  });
}

// A bucket's name has no slash.
std::string OpenObjects::name_of(std::string_view bucket, std::string_view key) {
  std::string name;
  name.reserve(bucket.size() + 1 + key.size());
  name.append(bucket).append(1, '/').append(key);
  return name;
}

std::uint64_t& OpenObjects::generation_of(State& state, std::string_view name) {
  return state.generations[std::hash<std::string_view>()(name) % state.generations.size()];
}

}  // namespace millrace::store
