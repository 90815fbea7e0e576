#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// A bar on standard error for work that takes a while; nothing where that is no terminal.
class Progress {
 public:
  /// `total` in any unit that advance() counts in; 0 where it is not known.
  Progress(std::string what, std::uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Wipes the bar away, so that the result or the error stands alone.
  ~Progress();

  void advance(std::uint64_t count);
  /// A line on standard error that stays, above the bar.
  void say(const std::string& line);

 private:
  void draw();

  std::string what_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

/// "[####......] 40 %  train.csv", `width` places between the brackets.
std::string progress_bar(std::uint64_t done, std::uint64_t total, int width);

/// Advances a bar by what is read through it.
class ProgressSource final : public ByteSource {
 public:
  /// Both must outlive this one.
  ProgressSource(ByteSource& source, Progress& progress) : source_(source), progress_(progress) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t got = source_.read(buffer);
    progress_.advance(got);
    return got;
  }

 private:
  ByteSource& source_;
  Progress& progress_;
};

}  // namespace millrace
