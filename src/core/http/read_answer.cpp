#include "core/http/read_answer.h"

#include <algorithm>
#include <span>

namespace millrace::http {

std::string read_answer(ByteSource& body, std::size_t limit,
                        std::chrono::steady_clock::time_point due) {
  // Most answers are short: what room they are given is cleared first, and comes from the kernel
  // when it is large.
  constexpr std::size_t kFirstBlockBytes = std::size_t{4} * 1024;
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(std::min(limit + 1, before + std::max(before, kFirstBlockBytes)));
    const std::size_t got = body.read(std::span(text).subspan(before));
    text.resize(before + got);
    if (got == 0 || text.size() > limit || std::chrono::steady_clock::now() >= due) return text;
  }
}

}  // namespace millrace::http
