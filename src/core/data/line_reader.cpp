#include "core/data/line_reader.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {

LineReader::LineReader(ByteSource& source, std::string origin, std::size_t max_line_bytes)
    : window_(source), origin_(std::move(origin)), max_line_bytes_(max_line_bytes) {}

const std::string_view* LineReader::next() {
  std::string_view ready = window_.at_least(1);
  if (ready.empty()) return nullptr;
  ++number_;
  std::size_t end = ready.find('\n');
  while (end == std::string_view::npos) {
    const std::size_t searched = ready.size();
    if (searched > max_line_bytes_) break;
    ready = window_.at_least(searched + 1);
    if (ready.size() == searched) break;
    end = ready.find('\n', searched);
  }
  line_ = ready.substr(0, end);
  if (line_.size() > max_line_bytes_) {
    refuse(line_.data(), "more than " + human_bytes(max_line_bytes_) + " without an end of line",
           "lines of text", "Check that the file has the format it is said to have.");
  }
  window_.skip(end == std::string_view::npos ? line_.size() : end + 1);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  return &line_;
}

std::string LineReader::place() const {
  return origin_ + ", line " + std::to_string(number_);
}

void LineReader::refuse(const char* at, std::string given, std::string expected,
                        std::string fix) const {
  throw Error(Blame::Customer,
              Problem{.where = place() + ", byte " + std::to_string(at - line_.data()),
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = std::move(fix)});
}

}  // namespace millrace
