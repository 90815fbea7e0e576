#include "core/base/log.h"

#include <unistd.h>

#include <string>

#include "core/base/text.h"
#include "core/base/time.h"

namespace millrace {
namespace {

void append_value(std::string& line, std::string_view value) {
  const std::string shown = printable(value, 2000);
  const bool plain = !shown.empty() && shown.find_first_of(" \"=\\") == std::string::npos;
  if (plain) {
    line += shown;
    return;
  }
  line += '"';
  for (const char c : shown) {
    if (c == '"') line += '\\';
    line += c;
  }
  line += '"';
}

}  // namespace

void log_event(std::string_view event, std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string line = "time=" + iso8601(now()) + " event=";
  append_value(line, event);
  for (const auto& [key, value] : fields) {
    line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  line += '\n';
  // One write, so that lines of several threads do not mix. There is nowhere to report its failure to.
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
}

}  // namespace millrace
