#include "core/io/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace millrace {
namespace {

constexpr std::chrono::milliseconds kFirst{500};  // shorter work shows no bar
constexpr std::chrono::milliseconds kInterval{100};
constexpr int kWidth = 30;

}  // namespace

std::string progress_bar(std::uint64_t done, std::uint64_t total, int width) {
  const double share =
      total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const int filled = static_cast<int>(share * width);
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(width - filled), '.') + "] " +
         std::to_string(static_cast<int>(share * 100)) + " %";
}

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(total),
      shown_(total > 0 && ::isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + kFirst) {}

Progress::~Progress() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::advance(std::uint64_t count) {
  done_ += count;
  if (!shown_ || std::chrono::steady_clock::now() < next_) return;
  next_ = std::chrono::steady_clock::now() + kInterval;
  draw();
}

void Progress::say(const std::string& line) {
  std::cerr << (drawn_ ? "\r\x1b[K" : "") << line << std::endl;
  if (drawn_) draw();
}

void Progress::draw() {
  drawn_ = true;
  std::cerr << '\r' << progress_bar(done_, total_, kWidth) << "  " << what_ << "\x1b[K"
            << std::flush;
}

}  // namespace millrace
