#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/io/byte_source.h"
#include "core/io/source_window.h"

namespace millrace {

/// A longer line is refused: a file that is not text would otherwise be taken for one long line.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} * 1024 * 1024;

/// Cuts a stream of text into lines.
///
///     LineReader lines(source, "train.libsvm");
///     while (const std::string_view* line = lines.next()) use(*line);
class LineReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`.
  LineReader(ByteSource& source, std::string origin, std::size_t max_line_bytes = kMaxLineBytes);

  /// The next line without its '\n' and a '\r' before that, valid until the following call; nullptr
  /// after the last. The last line may lack its '\n'. Throws Error(Customer) for one that is longer
  /// than allowed.
  const std::string_view* next();

  /// Number of the line delivered last, from 1.
  [[nodiscard]] std::int64_t line() const { return number_; }
  /// "train.libsvm, line 12".
  [[nodiscard]] std::string place() const;
  /// Throws Error(Customer) "<origin>, line N, byte B: got ..."; `at` points into the line.
  [[noreturn]] void refuse(const char* at, std::string given, std::string expected,
                           std::string fix) const;

 private:
  SourceWindow window_;
  std::string origin_;
  std::size_t max_line_bytes_;
  std::string_view line_;
  std::int64_t number_ = 0;
};

}  // namespace millrace
