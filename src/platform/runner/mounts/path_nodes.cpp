#include "platform/runner/mounts/path_nodes.h"

#include <algorithm>

namespace millrace::runner {
namespace {

std::string joined(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

}  // namespace

std::string PathNodes::path_of(Node node) const {
  std::string path;
  while (node != kRoot) {
    const auto found = entries_.find(node);
    // Removed meanwhile: a name that cannot exist.
    if (found == entries_.end()) return "\x01removed";
    path = path.empty() ? found->second.name : found->second.name + "/" + path;
    node = found->second.parent;
  }
  return path;
}

std::string PathNodes::path(Node node) const {
  const std::lock_guard lock(mutex_);
  return path_of(node);
}

std::string PathNodes::path(Node directory, const std::string& name) const {
  return joined(path(directory), name);
}

PathNodes::Node PathNodes::look_up(Node directory, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = by_name_.try_emplace({directory, name}, next_);
  if (is_new) entries_[next_++] = {.parent = directory, .name = name};
  ++entries_[place->second].lookups;
  return place->second;
}

void PathNodes::forget(Node node, std::uint64_t lookups) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(node);
  if (found == entries_.end()) return;
  found->second.lookups -= std::min(found->second.lookups, lookups);
  if (found->second.lookups > 0) return;
  const auto named = by_name_.find({found->second.parent, found->second.name});
  if (named != by_name_.end() && named->second == node) by_name_.erase(named);
  entries_.erase(found);
}

void PathNodes::rename(Node from, const std::string& name, Node to, const std::string& new_name) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find({from, name});
  if (found == by_name_.end()) return;
  const Node node = found->second;
  by_name_.erase(found);
  by_name_[{to, new_name}] = node;
  entries_[node].parent = to;
  entries_[node].name = new_name;
}

void PathNodes::remove(Node directory, const std::string& name) {
  const std::lock_guard lock(mutex_);
  by_name_.erase({directory, name});
}

}  // namespace millrace::runner
