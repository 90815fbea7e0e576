#pragma once

#include <span>
#include <string_view>

#include "core/http/message.h"

namespace millrace::console {

/// A file of the built web application, as it is embedded in the program.
struct Asset {
  std::string_view path;  ///< below /console/, "assets/index-3f2a.js"
  std::string_view type;  ///< its Content-Type
  std::string_view body;
  std::string_view gzip;  ///< empty where that is no smaller
  std::string_view etag;  ///< in quotes
  bool lasting = false;   ///< its name has a hash of its content and is never reused
};

/// Answers GET and HEAD for /console/... from the embedded files. Paths that are no file and have
/// no extension are the application's own and answer its index.html. Without files it says how to
/// build them in.
class Assets {
 public:
  /// Ordered by path; must outlive this.
  explicit Assets(std::span<const Asset> files) : files_(files) {}

  [[nodiscard]] http::Response answer(const http::Request& request) const;

 private:
  [[nodiscard]] const Asset* find(std::string_view path) const;

  std::span<const Asset> files_;
};

}  // namespace millrace::console
