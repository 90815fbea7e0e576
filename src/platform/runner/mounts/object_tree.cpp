#include "platform/runner/mounts/object_tree.h"

#include <algorithm>
#include <map>
#include <utility>

namespace millrace::runner {

ObjectTree::ObjectTree(const std::vector<ViewedObject>& objects) : nodes_(1) {
  std::map<std::pair<Node, std::string_view>, Node> directories;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    std::string_view rest = objects[i].path;
    Node directory = 0;
    for (std::size_t slash = rest.find('/'); slash != std::string_view::npos;
         slash = rest.find('/')) {
      const auto [place, is_new] = directories.try_emplace({directory, rest.substr(0, slash)}, 0);
      if (is_new) place->second = add(directory, rest.substr(0, slash), kNone);
      directory = place->second;
      rest.remove_prefix(slash + 1);
    }
    add(directory, rest, static_cast<std::uint32_t>(i));
  }
  for (Entry& entry : nodes_) {
    std::sort(entry.children.begin(), entry.children.end(),
              [&](Node a, Node b) { return nodes_[a].name < nodes_[b].name; });
  }
}

std::optional<ObjectTree::Node> ObjectTree::find(Node directory, std::string_view name) const {
  const std::vector<Node>& children = nodes_[directory].children;
  const auto found = std::lower_bound(
      children.begin(), children.end(), name,
      [&](Node node, std::string_view wanted) { return nodes_[node].name < wanted; });
  if (found == children.end() || nodes_[*found].name != name) return std::nullopt;
  return *found;
}

ObjectTree::Node ObjectTree::add(Node parent, std::string_view name, std::uint32_t object) {
  const auto node = static_cast<Node>(nodes_.size());
  nodes_.push_back({.name = std::string(name), .parent = parent, .object = object, .children = {}});
  nodes_[parent].children.push_back(node);
  return node;
}

}  // namespace millrace::runner
