#include "core/data/csv_writer.h"

#include <charconv>
#include <cstddef>

namespace millrace {
namespace {

constexpr std::size_t kCollectBytes = std::size_t{256} * 1024;
/// The longest float32 is "-1.1754944e-38".
constexpr std::size_t kMaxNumberBytes = 16;

}  // namespace

void CsvWriter::write(std::span<const float> labels, std::span<const float> features) {
  append(labels);
  append(features);
  collected_.back() = '\n';
  if (collected_.size() >= kCollectBytes) finish();
}

void CsvWriter::finish() {
  if (!collected_.empty()) sink_.write(collected_);
  collected_.clear();
}

void CsvWriter::append(std::span<const float> values) {
  for (const float value : values) {
    char text[kMaxNumberBytes];
    char* const end = std::to_chars(text, text + sizeof text, value).ptr;
    collected_.append(text, end);
    collected_ += ',';
  }
}

}  // namespace millrace
