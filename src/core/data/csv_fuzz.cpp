#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/csv_reader.h"

namespace {

using millrace::CsvOptions;
using millrace::CsvPath;
using millrace::NonFinite;

/// What a stream comes to: the bits of its numbers, row by row, and the message it ends with.
struct Outcome {
  std::vector<std::uint32_t> bits;
  std::string refusal;
  bool operator==(const Outcome&) const = default;
};

class Trickle final : public millrace::ByteSource {
 public:
  Trickle(std::string_view text, std::size_t step) : rest_(text), step_(step) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = std::min({buffer.size(), rest_.size(), step_});
    std::memcpy(buffer.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t step_;
};

/// Row by row, so that every row before a fault is seen.
Outcome read(std::string_view text, std::size_t step, const CsvOptions& options) {
  Outcome outcome;
  Trickle source(text, step);
  millrace::CsvReader csv(source, "input", options);
  millrace::DenseBatch batch;
  try {
    while (csv.read(batch, 1)) {
      for (const auto* part : {&batch.labels, &batch.features})
        for (const float value : *part) outcome.bits.push_back(std::bit_cast<std::uint32_t>(value));
    }
  } catch (const millrace::Error& error) {
    outcome.refusal = error.what();
  }
  return outcome;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The format as its page describes it, read in the most obvious way, numbers by strtof.
Outcome reference(std::string_view text, const CsvOptions& options) {
  Outcome outcome;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t columns = 0;
  std::vector<std::string_view> lines = millrace::split(text, '\n');
  for (std::size_t number = 1; number <= lines.size(); ++number) {
    std::string_view line = lines[number - 1];
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) continue;
    const std::vector<std::string_view> fields = millrace::split(line, ',');
    const std::string where = "input, line " + std::to_string(number);
    if (columns == 0) columns = fields.size();
    if (columns <= static_cast<std::size_t>(options.label_size)) {
      outcome.refusal = where + ":";
      return outcome;
    }
    std::vector<std::uint32_t> row;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string field(i < fields.size() ? trim(fields[i]) : "");
      char* end = nullptr;
      const float value = std::strtof(field.c_str(), &end);
      const bool number_text = !field.empty() && end == field.c_str() + field.size() &&
                               field.find_first_of("xX( \t\r\v\f\n") == std::string::npos;
      if (!number_text || (!std::isfinite(value) && options.non_finite == NonFinite::Refuse)) {
        outcome.refusal = where + ", column " + std::to_string(i + 1) + ":";
        return outcome;
      }
      row.push_back(std::bit_cast<std::uint32_t>(value));
    }
    if (fields.size() > columns) {
      outcome.refusal = where + ", column " + std::to_string(columns + 1) + ":";
      return outcome;
    }
    outcome.bits.insert(outcome.bits.end(), row.begin(), row.end());
  }
  return outcome;
}

}  // namespace

/// Every path, every cut of the stream and any number of threads must give the rows that the
/// reference finds and refuse where it does, in the same words. The first byte chooses the options.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  CsvOptions options{.label_size = choice % 3,
                     .non_finite = choice / 3 % 2 == 0 ? NonFinite::Refuse : NonFinite::Accept,
                     .path = CsvPath::Portable};
  const Outcome portable = read(text, size, options);
  const Outcome expected = reference(text, options);
  if (portable.bits != expected.bits) std::abort();
  if (portable.refusal.empty() != expected.refusal.empty()) std::abort();
  if (!portable.refusal.starts_with(expected.refusal)) std::abort();

  for (const CsvPath path : {CsvPath::Portable, CsvPath::Avx2, CsvPath::Avx512}) {
    if (!millrace::can_run(path)) continue;
    options.path = path;
    options.threads = 1;
    if (read(text, size, options) != portable) std::abort();
    if (read(text, 1 + choice / 6 % 5, options) != portable) std::abort();
    options.threads = 2;
    if (choice >= 240 && read(text, 7, options) != portable) std::abort();
  }
  return 0;
}
