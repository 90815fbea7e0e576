#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "core/json/json.h"

namespace millrace::cli {

/// What stands beside "<name>.partial" while it can be gone on with: which work it belongs to, and
/// how far that is. A rerun of another command must not go on with it.
///
///     {"work": {"resize": 256, ...}, "done": {"lines": 4096, ...}}
struct UnfinishedWork {
  /// Of a file of ours: work on millions of images may name each that is broken.
  static constexpr JsonLimits kLimits{.max_bytes = std::size_t{1} << 30};

  std::filesystem::path path;  ///< "train.rec.partial.json"

  explicit UnfinishedWork(const std::filesystem::path& target);

  /// Whole or not at all, and on disk afterwards.
  void save(const Json& work, const Json& done) const;
  void remove() const;

  struct Found {
    std::string differs;  ///< the members of `work` that another command had otherwise, "" if none
    std::string done;     ///< the text of what save() was given; empty where it differs
  };
  /// nullopt where no run left anything, or what is there cannot be read.
  [[nodiscard]] std::optional<Found> find(const Json& work) const;
};

}  // namespace millrace::cli
