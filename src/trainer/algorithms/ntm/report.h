#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "trainer/algorithms/ntm/patience.h"
#include "trainer/algorithms/ntm/topics.h"
#include "trainer/algorithms/ntm/vocabulary.h"
#include "trainer/job/log.h"

namespace millrace::ntm {

/// Losses of a word, as lines of the log.
struct Losses {
  double total = 0;
  double kld = 0;
  double reconstruction = 0;
};

/// `when` is "Training" or "Inference".
void log_losses(Log& log, std::string_view when, const Losses& losses);
/// "Timing: train: 1.2s, val: 0.1s, epoch: 1.3s"; no val without validation data.
void log_timing(Log& log, double train, std::optional<double> validation);
/// What early stopping made of the epoch; nothing while it has too few to compare.
void log_patience(Log& log, const Patience::Verdict& verdict, double loss, std::int64_t bad_epochs);
/// Every topic as its words, with uniqueness and, where there are embeddings, their coherence.
/// Returns the mean uniqueness.
double log_topics(Log& log, const std::vector<Topic>& topics, const Vocabulary& vocabulary);

}  // namespace millrace::ntm
