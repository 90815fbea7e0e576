#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/io/byte_source.h"

namespace millrace {

/// One picture of an im2rec list file (`.lst`):
///
///     index TAB label [TAB label ...] TAB path
///
/// Source: MXNet, tools/im2rec.py.
struct LstEntry {
  std::uint64_t index = 0;
  /// One class, several of them, or the array of a detection record (core/data/detection_labels.h).
  std::vector<float> labels;
  std::string path;       ///< relative to the image root, '/' between its parts
  std::int64_t line = 0;  ///< where the entry stood, from 1; 0 for an entry made by hand
  std::string text;       ///< the line as it stood, without its '\n'; empty for one made by hand
};

/// The same as views of memory that holds a whole list (core/lists/list.h): sorting, sampling and
/// comparing lists move these and copy no text.
struct LstRow {
  std::uint64_t index = 0;
  std::span<const float> labels;
  std::string_view path;
  std::int64_t line = 0;
  std::string_view text;  ///< of the columns before one was changed; empty for one made by hand
};
LstRow row_of(const LstEntry& entry);

/// The columns of one line; `labels` is filled and `text` looked at as long as the row is used.
/// Throws Error(Customer) as LstReader does, "<origin>, line <line>, column <c>: ...".
LstRow parse_lst_line(std::string_view text, std::string_view origin, std::int64_t line,
                      std::vector<float>& labels);

/// The shortest digits that are this float32, as lists hold it: "0.1", not 0.10000000149.
std::string label_text(float label);

/// Whether a row's path leads out of the folder of images: '..' among its parts, or a leading '/'.
/// Links are not looked at.
bool leads_outside(std::string_view path);

/// Columns are counted from 1 in messages: 1 is the index, 2 the first label, the last the path.
std::int64_t path_column(const LstEntry& entry);

/// Reads a list from a stream of any size, holding one line at a time. Blank lines are passed over,
/// a '\r' before the end of a line and spaces around a column are ignored.
///
///     LstReader list(source, "train.lst");
///     while (const LstEntry* entry = list.next()) use(*entry);
///
/// All failures are Error(Customer) that name the origin, the line and the column: fewer than three
/// columns, an index that is no whole number, a label that is no finite number, a path that is
/// empty or holds a NUL, a line above kMaxLineBytes. That indices are unique is for the caller to
/// check (LstIndices): it needs memory for all of them.
class LstReader {
 public:
  /// A detection list holds five numbers per object; this is some fifty thousand objects.
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 22;

  /// `source` must outlive the reader.
  LstReader(ByteSource& source, std::string origin);

  /// Valid until the following call; nullptr at the end of the list.
  const LstEntry* next();

 private:
  bool read_line();

  ByteSource& source_;
  std::string origin_;
  std::string block_;
  std::size_t consumed_ = 0;  ///< of block_
  LstEntry entry_;
  std::int64_t line_ = 0;
};

/// Sees to it that each entry of a list has an index of its own.
class LstIndices {
 public:
  void add(const LstEntry& entry) { indices_.emplace_back(entry.index, entry.line); }
  /// Of all that were added; to be called once. Throws Error(Customer) naming the second of two
  /// lines with the same index, and the first.
  void check_unique(const std::string& origin);

 private:
  std::vector<std::pair<std::uint64_t, std::int64_t>> indices_;
};

/// Writes lists that can be compared line by line with what they were made from: a column that says
/// what its text said is written as that text, spelling of numbers, spaces and '\r' included; a
/// changed or new one in canonical form. Every line ends with '\n'.
class LstWriter {
 public:
  explicit LstWriter(ByteSink& sink) : sink_(sink) {}
  void write(const LstEntry& entry) { write_row(row_of(entry)); }
  /// Throws Error(Customer) for an entry that could not be read back: no label, one that is not
  /// finite, a path that is empty, holds a tab, a line break or a NUL or begins or ends with a
  /// space.
  void write_row(const LstRow& row);

 private:
  ByteSink& sink_;
  std::vector<float> said_;
  std::string line_;
};

}  // namespace millrace
