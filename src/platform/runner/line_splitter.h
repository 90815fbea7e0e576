#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace millrace::runner {

/// Longest line that is passed on, with the note behind it: what a CloudWatch log event may hold
/// (256 KiB less 26 bytes).
constexpr std::size_t kMaxLineBytes = 256 * 1024 - 26;

/// Cuts a program's output into lines of valid UTF-8. A line ends at '\n', with or without a '\r'
/// before it; a progress bar, which returns with '\r' alone, is one line. A longer line is cut at
/// kMaxLineBytes and ends in " [line cut at 256 KiB]"; the rest of it is dropped. Memory: two lines
/// at most.
class LineSplitter {
 public:
  using OnLine = std::function<void(std::string_view)>;

  explicit LineSplitter(OnLine on_line) : on_line_(std::move(on_line)) {}
  /// May be cut anywhere, also within a character.
  void write(std::string_view bytes);
  /// What stands behind the last '\n' is a line too, if there is anything.
  void finish();

 private:
  void append(std::string_view part);
  void end_line();

  OnLine on_line_;
  std::string line_;
  bool too_long_ = false;
};

}  // namespace millrace::runner
