#include "core/data/csv_block.h"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

/// After a line that the kernel left, the plain path reads on as far as a kernel looks ahead: where
/// there is one blank line there are more, and each would cost the kernel its look ahead again.
constexpr std::size_t kPlainBytes = 4096;

}  // namespace

template <class T>
void RawBuffer<T>::reserve(std::size_t wanted, std::size_t kept) {
  if (wanted <= capacity_) return;
  const std::size_t capacity = std::max(wanted, capacity_ + capacity_ / 2);
  auto grown = std::make_unique_for_overwrite<T[]>(capacity);
  if (kept > 0) std::memcpy(grown.get(), data_.get(), kept * sizeof(T));
  data_ = std::move(grown);
  capacity_ = capacity;
}

template class RawBuffer<char>;
template class RawBuffer<float>;

void parse_csv_text(const CsvText& text, CsvPath path, NonFinite policy, CsvBlock& block) {
  block.rows = 0;
  block.columns = text.columns;
  block.lines = 0;
  block.gaps.clear();
  block.bytes = text.bytes;
  block.file = text.file;
  block.starts_file = text.starts_file;
  block.fault.reset();
  block.failure = text.failure;
  // A number and its separator are two bytes at least.
  block.values.reserve(text.bytes / 2 + kCsvPadding, 0);
  const CsvKernel kernel = csv_kernel(path);
  std::string_view rest = text.lines();
  std::size_t plain = 0;  // bytes that are left to the plain path
  while (!rest.empty()) {
    float* const out = block.values.data() + block.rows * block.columns;
    if (plain == 0) {
      const CsvRun run = kernel(rest, block.columns, policy, out);
      rest.remove_prefix(run.bytes);
      block.rows += run.rows;
      block.lines += run.rows;
      plain = std::min(kPlainBytes, rest.size());
      continue;
    }
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const bool first_row = block.starts_file && block.rows == 0;
    CsvFault fault;
    const CsvLine kind = parse_csv_line(line, block.columns, policy, first_row, out, fault);
    if (kind == CsvLine::Refused) {
      block.fault = fault;
      break;
    }
    ++block.lines;
    if (kind == CsvLine::Row) {
      ++block.rows;
    } else {
      if (block.gaps.empty() || block.gaps.back().row != block.rows)
        block.gaps.push_back({.row = block.rows});
      block.gaps.back().blanks = block.lines - block.rows;
    }
    rest.remove_prefix(line.size() + 1);
    plain -= std::min(plain, line.size() + 1);
  }
  if (!block.fault) block.fault = text.fault;
  if (block.fault) block.fault->line = block.lines + 1;
}

}  // namespace millrace
