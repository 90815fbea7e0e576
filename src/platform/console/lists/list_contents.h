#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/lists/form.h"
#include "core/lists/list.h"

namespace millrace::console {

/// Bytes of a list, parsed.
struct ListContent {
  std::string hash;       ///< of the bytes: SHA-256, in hexadecimal
  std::size_t bytes = 0;  ///< of memory that it takes, about
  lists::List list;
  lists::Form form{};
};

/// The bytes of every version of every list, by their hash: a file each in a directory of the
/// daemon's. Those read last are kept parsed.
class ListContents {
 public:
  static constexpr std::size_t kMaxListBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMaxKeptBytes = std::size_t{512} << 20;

  /// Makes the directory. So many bytes of parsed lists are kept, and the last one whatever it has.
  explicit ListContents(std::filesystem::path directory,
                        std::size_t max_kept_bytes = kMaxKeptBytes);

  /// Keeps bytes durably, and parsed; messages call them `origin`. Throws Error(Customer) for a
  /// line that is no row, and has kept nothing then.
  std::shared_ptr<const ListContent> keep(const std::string& bytes, const std::string& origin);
  /// Throws Error(Platform) when no such bytes are kept.
  [[nodiscard]] std::string bytes(const std::string& hash) const;
  /// The same bytes parsed.
  std::shared_ptr<const ListContent> get(const std::string& hash, const std::string& origin);

  /// Bytes of what is kept parsed.
  [[nodiscard]] std::size_t kept_bytes() const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& hash) const;

  struct Kept {
    std::list<std::shared_ptr<const ListContent>> order;  ///< last used first
    std::size_t bytes = 0;
  };
  std::shared_ptr<const ListContent> known(const std::string& hash);
  std::shared_ptr<const ListContent> parsed(const std::string& hash, std::string bytes,
                                            const std::string& origin);

  const std::filesystem::path directory_;
  const std::size_t max_kept_bytes_;
  Guarded<Kept> kept_;
};

}  // namespace millrace::console
