#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// What jobs may name as their image: an executable, or an unpacked container image.
struct ImageRow {
  std::string name;                          ///< repository, with or without ":tag"
  std::vector<std::string> command;          ///< program and leading arguments; empty for a container image
  std::vector<std::string> read_only_binds;  ///< host paths the program needs
  Time created_at{};
  std::string container{};  ///< the containers::ImageRecord as JSON; empty for an executable
};

class ImageTable {
 public:
  explicit ImageTable(Connection& connection) : connection_(connection) {}

  /// Replaces an image of the same name.
  void put(const ImageRow& row);
  /// Throws Error(Customer) for a row that cannot be read.
  std::optional<ImageRow> find(std::string_view name);
  /// Whether there was one.
  bool remove(std::string_view name);
  /// Of a row that holds what this version does not write.
  using Unreadable = std::function<void(const std::string& name, const Error& error)>;
  /// All, by name, but for those that cannot be read, of which `unreadable` is told.
  std::vector<ImageRow> list(const Unreadable& unreadable);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
