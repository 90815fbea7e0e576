#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/runner/mounts/read_ahead.h"

namespace millrace::runner {

/// The directories that a list of files implies. Nodes are numbers; 0 is the root.
///
/// Costs about 100 bytes for each file beside the list itself.
class ObjectTree {
 public:
  using Node = std::uint32_t;

  /// Paths are relative, without empty parts, "." and "..", and no file lies below another one.
  explicit ObjectTree(const std::vector<ViewedObject>& objects);

  [[nodiscard]] std::optional<Node> find(Node directory, std::string_view name) const;
  [[nodiscard]] bool is_directory(Node node) const { return nodes_[node].object == kNone; }
  /// Index into the list.
  [[nodiscard]] std::size_t object(Node file) const { return nodes_[file].object; }
  [[nodiscard]] const std::string& name(Node node) const { return nodes_[node].name; }
  [[nodiscard]] Node parent(Node node) const { return nodes_[node].parent; }
  /// In the order of names.
  [[nodiscard]] const std::vector<Node>& children(Node directory) const {
    return nodes_[directory].children;
  }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Entry {
    std::string name;
    Node parent = 0;
    std::uint32_t object = kNone;
    std::vector<Node> children;
  };

  Node add(Node parent, std::string_view name, std::uint32_t object);

  std::vector<Entry> nodes_;
};

}  // namespace millrace::runner
