#pragma once

#include <span>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// Writes numeric CSV as CsvReader reads it: one line per row, no header, '\n' at the end of each;
/// every number is the shortest text that reads back as the same float.
///
///     CsvWriter csv(sink);
///     csv.write(label, features);
///     csv.finish();
class CsvWriter {
 public:
  explicit CsvWriter(ByteSink& sink) : sink_(sink) {}

  /// One row: the labels, then the features. At least one number in all.
  void write(std::span<const float> labels, std::span<const float> features);
  /// Hands the sink what is still collected; without it the end of the file is missing.
  void finish();

 private:
  void append(std::span<const float> values);

  ByteSink& sink_;
  std::string collected_;
};

}  // namespace millrace
