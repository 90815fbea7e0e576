#include "core/data/csv_cutter.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace millrace {
namespace {

/// How much a line that outgrows a block is read on by; its last piece is copied to the next block.
constexpr std::size_t kReadOnBytes = std::size_t{64} * 1024;

/// The byte order mark some editors put before UTF-8.
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

CsvFault long_line_fault() {
  return {.line = 0,
          .column = 0,
          .given = "more than " + std::to_string(kMaxCsvLineBytes) + " bytes without a line end",
          .expected = "a line of at most " + std::to_string(kMaxCsvLineBytes) + " bytes",
          .fix = "Check that the file is text with one row per line."};
}

CsvFault no_feature_fault(std::int64_t columns, std::int64_t label_size) {
  return {.line = 0,
          .column = 0,
          .given = columns_text(columns),
          .expected = "at least " + columns_text(label_size + 1) + ", " +
                      std::to_string(label_size) + " of them the label",
          .fix =
              "Put the label first and the features behind it, separated by commas; without a "
              "label, set label_size=0 in the content type."};
}

/// The first line that is not blank; empty when there is none.
std::string_view first_row(std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (!is_blank(line)) return line;
    lines.remove_prefix(line.size() + 1);
  }
  return {};
}

}  // namespace

bool CsvCutter::cut(CsvText& text) {
  text.bytes = 0;
  text.fault.reset();
  text.failure = nullptr;
  try {
    while (!ended_ && text.bytes == 0 && !text.fault) {
      if (!file_) open_next();
      if (file_) fill(text);
    }
  } catch (...) {
    // Carried to whoever reads, behind the rows that came before.
    text.failure = std::current_exception();
    ended_ = true;
  }
  if (text.bytes > 0 || text.fault) describe(text);
  return text.bytes > 0 || text.fault || text.failure;
}

void CsvCutter::open_next() {
  file_ = next_();
  file_begins_ = true;
  carried_ = 0;
  ended_ = !file_;
}

void CsvCutter::fill(CsvText& text) {
  text.file = file_->name;
  std::size_t size = carried_;
  text.buffer.reserve(std::max(kCsvBlockBytes, size) + kCsvPadding, 0);
  if (size > 0) std::memcpy(text.buffer.data(), carry_.data(), size);
  carried_ = 0;
  while (size < kCsvBlockBytes || (text.bytes == 0 && size <= kMaxCsvLineBytes)) {
    const std::size_t step = size < kCsvBlockBytes ? kCsvBlockBytes - size : kReadOnBytes;
    text.buffer.reserve(size + step + kCsvPadding, size);
    char* const place = text.buffer.data() + size;
    const std::size_t got = file_->source->read(std::span<char>(place, step));
    if (got == 0) {
      file_.reset();
      // The last line of a file may lack its end.
      if (size > text.bytes) text.buffer.data()[size++] = '\n';
      text.bytes = size;
      break;
    }
    // memrchr: string_view::rfind goes byte by byte, which a long line shows.
    const auto* const newline = static_cast<const char*>(::memrchr(place, '\n', got));
    if (newline != nullptr) text.bytes = static_cast<std::size_t>(newline + 1 - text.buffer.data());
    size += got;
  }
  // Looked for only where there is room for such a line: one thread cuts, and the others wait.
  if (size > kMaxCsvLineBytes &&
      std::min(std::string_view(text.buffer.data(), size).find('\n'), size) > kMaxCsvLineBytes) {
    text.bytes = 0;
    text.fault = long_line_fault();
    ended_ = true;
    return;
  }
  carried_ = size - text.bytes;
  carry_.reserve(carried_, 0);
  if (carried_ > 0) std::memcpy(carry_.data(), text.buffer.data() + text.bytes, carried_);
}

void CsvCutter::describe(CsvText& text) {
  std::memset(text.buffer.data() + text.bytes, 0, kCsvPadding);
  text.starts_file = std::exchange(file_begins_, false);
  if (text.starts_file && text.lines().starts_with(kUtf8Mark))
    std::fill_n(text.buffer.data(), kUtf8Mark.size(), ' ');
  const std::string_view first = columns_ ? std::string_view() : first_row(text.lines());
  if (!first.empty()) {
    columns_ = count_fields(first);
    if (*columns_ <= label_size_) {
      text.fault = no_feature_fault(*columns_, label_size_);
      text.bytes = static_cast<std::size_t>(first.data() - text.buffer.data());
      ended_ = true;
    }
  }
  text.columns = columns_.value_or(1);
}

}  // namespace millrace
