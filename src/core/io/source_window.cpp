#include "core/io/source_window.h"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

/// The first read, enough for a small file, and those after it where the stream gives that much.
constexpr std::size_t kFirstBlockBytes = std::size_t{4} * 1024;
constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;

}  // namespace

SourceWindow::SourceWindow(ByteSource& source) : source_(source), block_(kFirstBlockBytes) {}

std::string_view SourceWindow::at_least(std::size_t need) {
  if (begin_ > 0 && block_.size() - begin_ < need) {
    std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (block_.size() < kBlockBytes) block_.resize(kBlockBytes);
  }
  while (end_ - begin_ < need) {
    if (end_ == block_.size()) block_.resize(std::min(block_.size() * 2, begin_ + need));
    const std::size_t got = source_.read({block_.data() + end_, block_.size() - end_});
    if (got == 0) break;
    end_ += got;
  }
  return {block_.data() + begin_, end_ - begin_};
}

}  // namespace millrace
