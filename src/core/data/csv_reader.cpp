#include "core/data/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/data/csv_blocks.h"

namespace millrace {
namespace {

/// A source that somebody else owns.
class Borrowed final : public ByteSource {
 public:
  explicit Borrowed(ByteSource& source) : source_(source) {}
  std::size_t read(std::span<char> buffer) override { return source_.read(buffer); }

 private:
  ByteSource& source_;
};

NextSource only(ByteSource& source, std::string origin) {
  return [&source, origin = std::move(origin), given = false]() mutable {
    std::optional<NamedSource> file;
    if (!std::exchange(given, true))
      file = NamedSource{.name = origin, .source = std::make_unique<Borrowed>(source)};
    return file;
  };
}

/// Writes at `at` of a vector that may be shorter; what lies beyond its end is appended, so that
/// nothing is set to zero first.
void put(std::vector<float>& into, std::size_t at, std::span<const float> values) {
  const std::size_t inside = std::min(values.size(), into.size() - at);
  std::copy_n(values.begin(), inside, into.begin() + static_cast<std::ptrdiff_t>(at));
  into.insert(into.end(), values.begin() + static_cast<std::ptrdiff_t>(inside), values.end());
}

}  // namespace

CsvReader::CsvReader(ByteSource& source, std::string origin, CsvOptions options)
    : CsvReader(only(source, std::move(origin)), options) {}

CsvReader::CsvReader(NextSource files, CsvOptions options) : label_size_(options.label_size) {
  MILLRACE_CHECK(options.label_size >= 0 && options.threads >= 1 && can_run(options.path));
  MILLRACE_CHECK(!options.columns || *options.columns > options.label_size);
  blocks_ = std::make_unique<CsvBlocks>(
      CsvCutter(std::move(files), options.columns, options.label_size),
      CsvBlocks::Options{
          .threads = options.threads, .path = options.path, .non_finite = options.non_finite});
}

CsvReader::~CsvReader() = default;

bool CsvReader::read(DenseBatch& batch, std::int64_t max_rows) {
  MILLRACE_CHECK(max_rows >= 1);
  batch.rows = 0;
  places_.clear();
  while (batch.rows < max_rows) {
    if (block_ != nullptr && taken_ < block_->rows) {
      take_rows(batch, std::min(max_rows - batch.rows, block_->rows - taken_));
      continue;
    }
    if (block_ != nullptr) {
      if (block_->fault || block_->failure) refuse();
      lines_before_ += block_->lines;
    }
    block_ = blocks_->next();
    if (block_ == nullptr) break;
    begin_block();
  }
  batch.features.resize(static_cast<std::size_t>(batch.rows * batch.columns));
  batch.labels.resize(static_cast<std::size_t>(batch.rows * batch.label_columns));
  return batch.rows > 0;
}

void CsvReader::begin_block() {
  taken_ = 0;
  gap_ = 0;
  blanks_ = 0;
  if (!block_->starts_file) return;
  lines_before_ = 0;
  origin_ = std::make_shared<const std::string>(block_->file);
}

/// The next `rows` rows of the block are rows `batch_row` and following of the batch.
void CsvReader::note_places(std::int64_t batch_row, std::int64_t rows) {
  const std::vector<CsvGap>& gaps = block_->gaps;
  const auto note = [&](std::int64_t row) {
    places_.add(batch_row + row - taken_, origin_, lines_before_ + blanks_ + row + 1);
  };
  for (; gap_ < gaps.size() && gaps[gap_].row <= taken_; ++gap_) blanks_ = gaps[gap_].blanks;
  note(taken_);
  for (; gap_ < gaps.size() && gaps[gap_].row < taken_ + rows; ++gap_) {
    blanks_ = gaps[gap_].blanks;
    note(gaps[gap_].row);
  }
}

void CsvReader::take_rows(DenseBatch& batch, std::int64_t rows) {
  batch.columns = block_->columns - label_size_;
  batch.label_columns = label_size_;
  const auto labels = static_cast<std::size_t>(label_size_);
  const auto features = static_cast<std::size_t>(batch.columns);
  const float* row = block_->values.data() + taken_ * block_->columns;
  auto at = static_cast<std::size_t>(batch.rows);
  note_places(batch.rows, rows);
  batch.rows += rows;
  taken_ += rows;
  if (labels == 0) {
    put(batch.features, at * features, {row, static_cast<std::size_t>(rows) * features});
    return;
  }
  for (; rows > 0; --rows, ++at, row += labels + features) {
    put(batch.labels, at * labels, {row, labels});
    put(batch.features, at * features, {row + labels, features});
  }
}

void CsvReader::refuse() const {
  if (block_->failure) std::rethrow_exception(block_->failure);
  const CsvFault& fault = *block_->fault;
  std::string where = block_->file + ", line " + std::to_string(lines_before_ + fault.line);
  if (fault.column > 0) where += ", column " + std::to_string(fault.column);
  throw Error(Blame::Customer, Problem{.where = std::move(where),
                                       .given = fault.given,
                                       .expected = fault.expected,
                                       .fix = fault.fix});
}

}  // namespace millrace
