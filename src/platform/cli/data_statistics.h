#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/data/row.h"

namespace millrace::cli {

/// Smallest, largest and mean of the numbers shown to it.
class Range {
 public:
  void add(double value);
  /// Adds `count` zeros.
  void add_zeros(std::int64_t count);
  /// "0 to 9, mean 4.5"; "none" without numbers.
  [[nodiscard]] std::string text() const;

 private:
  std::int64_t count_ = 0;
  double sum_ = 0;
  double least_ = std::numeric_limits<double>::infinity();
  double most_ = -std::numeric_limits<double>::infinity();
};

/// Counts labels that are classes; gives up when there are more values than classes would have.
class LabelHistogram {
 public:
  void add(float label);
  /// One line a class, "    7  1,204  12.0 %", with the shares; empty where there are too many.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool too_many() const { return too_many_; }

 private:
  static constexpr std::size_t kMaxClasses = 1000;

  std::map<float, std::int64_t> counts_;
  bool too_many_ = false;
};

/// What `millrace data stat` says of a table.
class TableStatistics {
 public:
  void add(const Row& row);
  [[nodiscard]] std::string text() const;

 private:
  std::int64_t rows_ = 0;
  std::int64_t sparse_rows_ = 0;
  std::int64_t stored_ = 0;
  std::int64_t columns_ = 0;
  std::size_t labels_ = 0;
  Range values_;
  Range label_range_;
  LabelHistogram histogram_;  ///< of the first label
};

/// Lines "name            value", as the other nouns print them.
std::string field_text(const std::string& name, const std::string& value);

}  // namespace millrace::cli
