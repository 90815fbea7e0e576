#include "core/http/read_answer.h"

#include <algorithm>
#include <span>

namespace millrace::http {

std::string read_answer(ByteSource& body, std::size_t limit,
                        std::chrono::steady_clock::time_point due) {
  // Most answers are short: what room they are given is cleared first, and comes from the kernel
  // when it is large. It is doubled once it is full, for a source may give a few bytes at a time.
  constexpr std::size_t kFirstBlockBytes = std::size_t{4} * 1024;
  std::string text;
  std::size_t filled = 0;
  for (;;) {
    if (filled == text.size())
      text.resize(std::min(limit + 1, filled + std::max(filled, kFirstBlockBytes)));
    const std::size_t got = body.read(std::span(text).subspan(filled));
    filled += got;
    if (got > 0 && filled <= limit && std::chrono::steady_clock::now() < due) continue;
    text.resize(filled);
    return text;
  }
}

}  // namespace millrace::http
