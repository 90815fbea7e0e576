#include "core/data/csv_cutter.h"

#include <algorithm>
#include <cstring>
#include <span>
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
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return line;
    lines.remove_prefix(line.size() + 1);
  }
  return {};
}

}  // namespace

bool CsvCutter::cut(CsvBlock& block) {
  block.bytes = 0;
  block.rows = 0;
  block.lines = 0;
  block.fault.reset();
  block.failure = nullptr;
  while (!ended_ && block.bytes == 0 && !block.fault) {
    try {
      if (!file_) open_next();
      if (file_) fill(block);
    } catch (...) {
      // Carried to whoever reads, behind the rows that came before.
      block.failure = std::current_exception();
      ended_ = true;
    }
  }
  if (block.bytes > 0) describe(block);
  return block.bytes > 0 || block.fault || block.failure;
}

void CsvCutter::open_next() {
  file_ = next_();
  file_begins_ = true;
  carried_ = 0;
  ended_ = !file_;
}

void CsvCutter::fill(CsvBlock& block) {
  block.file = file_->name;
  std::size_t size = carried_;
  block.text.reserve(std::max(kCsvBlockBytes, size) + kCsvPadding, 0);
  if (size > 0) std::memcpy(block.text.data(), carry_.data(), size);
  carried_ = 0;
  while (size < kCsvBlockBytes || (block.bytes == 0 && size <= kMaxCsvLineBytes)) {
    const std::size_t step = size < kCsvBlockBytes ? kCsvBlockBytes - size : kReadOnBytes;
    block.text.reserve(size + step + kCsvPadding, size);
    char* const place = block.text.data() + size;
    const std::size_t got = file_->source->read(std::span<char>(place, step));
    if (got == 0) {
      file_.reset();
      // The last line of a file may lack its end.
      if (size > block.bytes) block.text.data()[size++] = '\n';
      block.bytes = size;
      break;
    }
    const std::size_t newline = std::string_view(place, got).rfind('\n');
    if (newline != std::string_view::npos) block.bytes = size + newline + 1;
    size += got;
  }
  const std::size_t first_line =
      std::min(std::string_view(block.text.data(), size).find('\n'), size);
  if (first_line > kMaxCsvLineBytes) {
    block.bytes = 0;
    block.fault = long_line_fault();
    ended_ = true;
    return;
  }
  carried_ = size - block.bytes;
  carry_.reserve(carried_, 0);
  if (carried_ > 0) std::memcpy(carry_.data(), block.text.data() + block.bytes, carried_);
}

void CsvCutter::describe(CsvBlock& block) {
  std::memset(block.text.data() + block.bytes, 0, kCsvPadding);
  block.starts_file = std::exchange(file_begins_, false);
  if (block.starts_file && block.lines_text().starts_with(kUtf8Mark))
    std::fill_n(block.text.data(), kUtf8Mark.size(), ' ');
  const std::string_view first = columns_ ? std::string_view() : first_row(block.lines_text());
  if (!first.empty()) {
    columns_ = count_fields(first);
    if (*columns_ <= label_size_) {
      block.fault = no_feature_fault(*columns_, label_size_);
      block.bytes = static_cast<std::size_t>(first.data() - block.text.data());
      ended_ = true;
    }
  }
  block.columns = columns_.value_or(1);
}

}  // namespace millrace
