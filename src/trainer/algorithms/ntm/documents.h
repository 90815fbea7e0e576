#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "trainer/tabular/tabular_batch.h"

namespace millrace::ntm {

/// Word counts of a mini-batch in compressed sparse row form: document d has counts[i] of word
/// words[i] for i from starts[d] up to starts[d + 1]. Zero counts are left out, and so are
/// documents without words, which have nothing to say.
struct Documents {
  std::vector<std::int64_t> starts{0};  ///< [size() + 1]
  std::vector<std::int64_t> words;      ///< [stored counts]
  std::vector<float> counts;            ///< [stored counts], above 0
  std::vector<double> totals;           ///< [size()] words of a document, above 0
  std::vector<std::int64_t> rows;       ///< [size()] number of its row in the pass
  std::int64_t empty = 0;               ///< documents left out

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(totals.size()); }
  /// Documents with and without words.
  [[nodiscard]] std::int64_t rows_taken() const { return size() + empty; }
  /// Throws Error(Customer) for the count of a word in a row, both from 0.
  using Refuse = std::function<void(std::int64_t row, std::int64_t word, float count)>;

  void clear();
  /// Takes row `row` of `batch`. A count that is negative or not finite is refused.
  void add(const TabularBatch& batch, std::int64_t row, const Refuse& refuse);
};

/// What a count should be, and what to do where it is not; for messages.
inline constexpr const char* kExpectedCount = "a word count: 0 or a number above it";
inline constexpr const char* kCountFix =
    "Correct or leave out this document; ntm takes counts, not scaled or centred features.";

}  // namespace millrace::ntm
