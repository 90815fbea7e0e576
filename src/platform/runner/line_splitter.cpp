#include "platform/runner/line_splitter.h"

#include "core/base/text.h"

namespace millrace::runner {
namespace {
constexpr std::string_view kCutNote = " [line cut at 256 KiB]";
}

void LineSplitter::write(std::string_view bytes) {
  for (;;) {
    const std::size_t end = bytes.find('\n');
    append(bytes.substr(0, end));
    if (end == std::string_view::npos) return;
    end_line();
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::finish() {
  if (!line_.empty()) end_line();
}

void LineSplitter::append(std::string_view part) {
  const std::size_t room = kMaxLineBytes - line_.size();
  too_long_ = too_long_ || part.size() > room;
  line_.append(part.substr(0, room));
}

void LineSplitter::end_line() {
  std::string_view line = line_;
  if (!too_long_ && line.ends_with('\r')) line.remove_suffix(1);
  std::string readable;
  if (!is_valid_utf8(line)) {
    readable = valid_utf8(line);  // each replaced byte becomes three
    line = readable;
  }
  if (too_long_ || line.size() > kMaxLineBytes) {
    readable = std::string(cut_utf8(line, kMaxLineBytes - kCutNote.size())).append(kCutNote);
    line = readable;
  }
  on_line_(line);
  line_.clear();
  too_long_ = false;
}

}  // namespace millrace::runner
