#include "trainer/job/log.h"

#include <pthread.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

#include "core/io/file.h"

namespace millrace {

void Log::info(std::string_view text) {
  line("INFO", text);
}
void Log::warning(std::string_view text) {
  line("WARNING", text);
}

void Log::plain(std::string_view text) {
  const std::lock_guard lock(mutex_);
  write_all(descriptor_, std::string(text) + "\n");
}

void Log::line(std::string_view level, std::string_view text) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "[%m/%d/%Y %H:%M:%S ", &utc);
  std::string out = stamp;
  out.append(level)
      .append(" ")
      .append(std::to_string(pthread_self()))
      .append("] ")
      .append(text)
      .append("\n");
  const std::lock_guard lock(mutex_);
  write_all(descriptor_, out);
}

}  // namespace millrace
