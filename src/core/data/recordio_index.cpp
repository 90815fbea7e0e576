#include "core/data/recordio_index.h"

#include <charconv>
#include <utility>

#include "core/base/text.h"

namespace millrace {
namespace {

/// Two numbers of 20 digits and a tab, with room for blanks.
constexpr std::size_t kMaxIndexLineBytes = 256;

bool parse_whole(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

RecordIndexReader::RecordIndexReader(ByteSource& source, std::string origin)
    : lines_(source, std::move(origin), kMaxIndexLineBytes) {}

const RecordIndexEntry* RecordIndexReader::next() {
  const std::string_view* line = lines_.next();
  while (line != nullptr && trim(*line).empty()) line = lines_.next();
  if (line == nullptr) return nullptr;
  const std::size_t tab = line->find('\t');
  if (tab == std::string_view::npos || !parse_whole(line->substr(0, tab), entry_.key) ||
      !parse_whole(line->substr(tab + 1), entry_.offset)) {
    lines_.refuse(line->data(), std::string(*line), "a whole number, a tab and a whole number",
                  "Write the index together with the .rec file.");
  }
  if (entry_.offset % 4 != 0) {
    lines_.refuse(line->data() + tab + 1, std::to_string(entry_.offset), "a multiple of four",
                  "The index belongs to another file: write both together.");
  }
  return &entry_;
}

void append_index_line(std::string& out, const RecordIndexEntry& entry) {
  out += std::to_string(entry.key);
  out += '\t';
  out += std::to_string(entry.offset);
  out += '\n';
}

}  // namespace millrace
