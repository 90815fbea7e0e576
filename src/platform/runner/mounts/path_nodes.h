#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace millrace::runner {

/// The numbers by which the kernel names files, and the paths they stand for at the moment. 1 is
/// the root, whose path is "". Threads may call at the same time.
class PathNodes {
 public:
  using Node = std::uint64_t;
  static constexpr Node kRoot = 1;

  [[nodiscard]] std::string path(Node node) const;
  [[nodiscard]] std::string path(Node directory, const std::string& name) const;
  /// The number of an entry, one more look-up of it counted.
  Node look_up(Node directory, const std::string& name);
  /// The kernel forgets so many look-ups.
  void forget(Node node, std::uint64_t lookups);
  /// The entry has another place now; what stood there has none.
  void rename(Node from, const std::string& name, Node to, const std::string& new_name);
  /// The name stands for nothing any more, or for something new.
  void remove(Node directory, const std::string& name);

 private:
  struct Entry {
    Node parent;
    std::string name;
    std::uint64_t lookups = 0;
  };

  [[nodiscard]] std::string path_of(Node node) const;

  mutable std::mutex mutex_;
  std::map<Node, Entry> entries_;
  std::map<std::pair<Node, std::string>, Node> by_name_;
  Node next_ = kRoot + 1;
};

}  // namespace millrace::runner
