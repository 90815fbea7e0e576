#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/data/csv_kernel.h"
#include "core/data/csv_number.h"

namespace millrace {

/// Text that is searched for separators in one go: its text, places and numbers fit the first
/// cache.
inline constexpr std::size_t kCsvStripBytes = 4096;
/// Places that may be written beyond the last one.
inline constexpr std::size_t kCsvSparePlaces = 64;

/// Where the fields of a strip are: what the search finds and the conversion reads.
struct CsvStrip {
  /// Offsets in the text. Field i begins at starts[i] and its separator stands at
  /// starts[i + 1] - 1; starts[0] was known before the search.
  std::array<std::uint32_t, kCsvStripBytes + kCsvSparePlaces> starts;
  std::size_t fields = 0;
  /// Fields of the strip up to and with the one that the n-th '\n' ends.
  std::array<std::uint16_t, kCsvStripBytes> line_ends;
  std::size_t lines = 0;
  /// A byte below '-' that is no separator and not part of "\r\n": a space, a quote, a plus.
  bool odd = false;
};

/// The two loops that an instruction set brings along.
struct CsvLoops {
  /// Finds the separators of text[begin, end), adding to a strip whose starts[0] is set.
  void (*search)(const char* text, std::size_t begin, std::size_t end, CsvStrip& strip);

  /// Converts fields [0, fields) of a strip that is not odd to `out`, and calls convert_csv_field
  /// for each it cannot. Returns how many fields before the first that was refused.
  std::size_t (*convert)(const char* text, const CsvStrip& strip, std::size_t fields,
                         NonFinite policy, float* out);
};

/// Field `index` by parse_csv_number; false where it is refused.
bool convert_csv_field(const char* text, const CsvStrip& strip, std::size_t index, NonFinite policy,
                       float& value);

/// A CsvKernel made of the two loops: strip by strip, it checks that lines end where they should.
CsvRun run_csv_strips(std::string_view text, std::int64_t columns, NonFinite policy, float* out,
                      const CsvLoops& loops);

#if defined(__x86_64__)
extern const CsvLoops kCsvLoopsAvx2;
extern const CsvLoops kCsvLoopsAvx512;
#endif

}  // namespace millrace
