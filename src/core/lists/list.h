#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/lst.h"
#include "core/lists/row_store.h"

namespace millrace::lists {

/// A line that is no row of a list, and why.
struct StrayLine {
  std::int64_t line = 0;  ///< from 1
  std::string problem;
};

/// A list file (`.lst`) in memory; its rows are views of it and live as long as it does.
///
///     const List list = List::parse(read_file("train.lst"), "train.lst");
///     for (const LstRow& row : list.rows()) use(row.path, row.labels);
class List {
 public:
  /// Blank lines are passed over. Throws Error(Customer) for the first line that is no row, as
  /// LstReader does.
  static List parse(std::string bytes, std::string origin);
  /// The rows there are, and every line that is none.
  static List parse(std::string bytes, std::string origin, std::vector<StrayLine>& strays);

  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] std::span<const LstRow> rows() const { return rows_; }

 private:
  static List parse_lines(std::string bytes, std::string origin, std::vector<StrayLine>* strays);

  std::string origin_;
  RowStore store_;
  std::vector<LstRow> rows_;
};

/// "train.lst, line 12" for a row that was read, "row with index 7" for one made by hand.
std::string place_of(const LstRow& row, std::string_view origin);

/// "3", or "0, 1, 0" for several labels; beyond `most` of them "..." follows.
std::string labels_text(std::span<const float> labels, std::size_t most = 8);

}  // namespace millrace::lists
