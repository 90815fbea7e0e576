#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/lists/form.h"
#include "core/lists/list.h"

namespace millrace::console {

/// Bytes of a list, parsed.
struct ListContent {
  std::string hash;  ///< of the bytes: SHA-256, in hexadecimal
  lists::List list;
  lists::Form form{};
};

/// The bytes of every version of every list, by their hash: a file each in a directory of the
/// daemon's. Those read last are kept parsed.
class ListContents {
 public:
  static constexpr std::size_t kMaxListBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMaxKept = 8;

  /// Makes the directory.
  explicit ListContents(std::filesystem::path directory);

  /// Keeps bytes durably and returns their hash.
  std::string put(const std::string& bytes) const;
  /// Throws Error(Platform) when no such bytes are kept.
  [[nodiscard]] std::string bytes(const std::string& hash) const;
  /// Parsed; messages call it `origin`. Throws Error(Customer) for a line that is no row.
  std::shared_ptr<const ListContent> get(const std::string& hash, const std::string& origin);

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& hash) const;

  const std::filesystem::path directory_;
  Guarded<std::list<std::shared_ptr<const ListContent>>> kept_;  ///< last used first
};

}  // namespace millrace::console
