#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/io/byte_source.h"

namespace millrace {

/// A stream seen through a window that moves forward: bytes are looked at where they lie, and let
/// go when they are done with. Reads in large blocks, and never more than once for what is asked,
/// so that a pipe is not waited for longer than needed.
class SourceWindow {
 public:
  /// `source` must outlive the window.
  explicit SourceWindow(ByteSource& source);

  /// All bytes that are ready: at least `need`, or fewer at the end of the stream. Valid until the
  /// next call; skip() does not end it. Memory grows as bytes arrive and not by what is asked, so a
  /// damaged length costs nothing before the end of the stream shows.
  std::string_view at_least(std::size_t need);

  /// Lets the first `count` bytes go; they must be ready.
  void skip(std::size_t count) { begin_ += count; }

 private:
  ByteSource& source_;
  std::vector<char> block_;
  std::size_t begin_ = 0;  ///< ready bytes: block_[begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace millrace
