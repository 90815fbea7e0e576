#include "core/data/csv_strips.h"

#include <algorithm>

namespace millrace {
namespace {

/// Where the line begins that the byte at `place` belongs to.
std::size_t line_start(std::string_view text, std::size_t place) {
  return place == 0 ? 0 : text.rfind('\n', place - 1) + 1;
}

}  // namespace

bool convert_csv_field(const char* text, const CsvStrip& strip, std::size_t index, NonFinite policy,
                       float& value) {
  const std::size_t begin = strip.starts[index];
  std::size_t end = strip.starts[index + 1] - 1;
  if (text[end] == '\n' && end > begin && text[end - 1] == '\r') --end;
  return parse_csv_number({text + begin, end - begin}, policy, value) == NumberFlaw::None;
}

CsvRun run_csv_strips(std::string_view text, std::int64_t columns, NonFinite policy, float* out,
                      const CsvLoops& loops) {
  const auto width = static_cast<std::size_t>(columns);
  CsvStrip strip;
  strip.starts[0] = 0;
  std::size_t converted = 0;  // fields before the strip
  std::size_t complete = 0;   // fields in the lines that have ended
  const auto run_up_to = [&](std::size_t place, std::size_t fields) {
    return CsvRun{.bytes = line_start(text, place),
                  .rows = static_cast<std::int64_t>(fields / width)};
  };
  for (std::size_t at = 0; at < text.size(); at += kCsvStripBytes) {
    strip.fields = 0;
    strip.lines = 0;
    strip.odd = false;
    loops.search(text.data(), at, std::min(at + kCsvStripBytes, text.size()), strip);
    // The last group of a conversion is filled up with fields that are looked at and not used.
    std::fill_n(strip.starts.begin() + static_cast<std::ptrdiff_t>(strip.fields + 1),
                kCsvSparePlaces - 1, strip.starts[strip.fields]);

    std::size_t line = 0;
    while (line < strip.lines && converted + strip.line_ends[line] == complete + width) {
      complete += width;
      ++line;
    }
    const bool irregular = line < strip.lines;
    const std::size_t usable =
        !irregular ? strip.fields : std::max(complete, converted) - converted;

    std::size_t good = 0;
    if (strip.odd) {
      while (good < usable && convert_csv_field(text.data(), strip, good, policy, out[good]))
        ++good;
    } else {
      good = loops.convert(text.data(), strip, usable, policy, out);
    }
    if (good < usable) return run_up_to(strip.starts[good], converted + good);
    if (irregular) return run_up_to(strip.starts[strip.line_ends[line]] - 1, complete);
    out += strip.fields;
    converted += strip.fields;
    strip.starts[0] = strip.starts[strip.fields];
  }
  return run_up_to(text.size(), complete);
}

}  // namespace millrace
