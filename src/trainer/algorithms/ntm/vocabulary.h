#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trainer/job/job.h"

namespace millrace::ntm {

/// What the auxiliary channel tells of the words: their spelling, and optionally where they lie in
/// a space of meanings.
struct Vocabulary {
  std::vector<std::string> words;  ///< by word id; empty: there is no vocab.txt
  /// By word id, for words that embeddings.txt has; vectors have length 1.
  std::map<std::int64_t, std::vector<float>> embeddings;

  /// A word as topics are printed with it: the word itself, or its id.
  [[nodiscard]] std::string name(std::int64_t word) const;
};

/// Reads vocab.txt, one word a line, and embeddings.txt where it is there: a word and its numbers a
/// line, as GloVe is published. Either comes through a Pipe too, then vocab.txt alone. Throws
/// Error(Customer) for a number of lines that is not `feature_dim`, a blank line, a channel without
/// vocab.txt, a line of embeddings that cannot be read.
Vocabulary read_vocabulary(const Job& job, std::int64_t feature_dim);

}  // namespace millrace::ntm
