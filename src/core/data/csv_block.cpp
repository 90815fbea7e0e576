#include "core/data/csv_block.h"

#include <algorithm>
#include <cstring>

namespace millrace {

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

void parse_csv_block(CsvBlock& block, CsvPath path, NonFinite policy) {
  const CsvKernel kernel = csv_kernel(path);
  // A number and its separator are two bytes at least.
  block.values.reserve(block.bytes / 2 + kCsvPadding, 0);
  std::string_view rest = block.lines_text();
  while (!rest.empty()) {
    float* const out = block.values.data() + block.rows * block.columns;
    const CsvRun run = kernel(rest, block.columns, policy, out);
    rest.remove_prefix(run.bytes);
    block.rows += run.rows;
    block.lines += run.rows;
    if (rest.empty()) break;
    const std::string_view line = rest.substr(0, rest.find('\n'));
    CsvFault fault;
    const CsvLine kind =
        parse_csv_line(line, block.columns, policy, block.starts_file && block.lines == 0,
                       block.values.data() + block.rows * block.columns, fault);
    if (kind == CsvLine::Refused) {
      fault.line = block.lines + 1;
      block.fault = fault;
      return;
    }
    if (kind == CsvLine::Row) ++block.rows;
    ++block.lines;
    rest.remove_prefix(line.size() + 1);
  }
  if (block.fault) block.fault->line = block.lines + 1;
}

}  // namespace millrace
