#pragma once

#include <mutex>
#include <string_view>

namespace millrace {

/// Lines on standard output in the form of the original container: "[MM/DD/YYYY HH:MM:SS INFO
/// thread-id] text", UTC. Each line is one write, so it reaches the log stream and the metric
/// patterns at once. Any thread may call it.
class Log {
 public:
  explicit Log(int descriptor = 1) : descriptor_(descriptor) {}
  void info(std::string_view text);
  void warning(std::string_view text);
  /// Without stamp and level, as the container writes its `#metrics` records.
  void plain(std::string_view text);

 private:
  void line(std::string_view level, std::string_view text);

  int descriptor_;
  std::mutex mutex_;
};

}  // namespace millrace
