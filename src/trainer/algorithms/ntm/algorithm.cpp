#include "trainer/algorithms/ntm/algorithm.h"

#include "trainer/algorithms/ntm/hyperparameters.h"
#include "trainer/algorithms/ntm/scoring.h"
#include "trainer/algorithms/ntm/vocabulary.h"
#include "trainer/tabular/tabular_job.h"

namespace millrace::ntm {
namespace {

constexpr std::string_view kName = "ntm";

/// The published metric definitions; those of perplexity and coherence are ours.
std::vector<MetricSpec> metrics() {
  const std::string line = R"(#quality_metric: host=\S+, )";
  std::vector<MetricSpec> all{
      progress_metric(),
      throughput_metric(),
      {.name = "train:total_loss", .regex = line + R"(epoch=\S+, train total_loss <loss>=(\S+))"},
      {.name = "validation:total_loss",
       .regex = line + R"(epoch=\S+, validation total_loss <loss>=(\S+))",
       .tuning_objective = true},
      {.name = "test:total_loss", .regex = line + R"(test total_loss <loss>=(\S+))"},
      {.name = "topic_uniqueness",
       .regex = line + R"(topic_uniqueness <score>=(\S+))",
       .higher_is_better = true}};
  for (const std::string channel : {kValidationChannel, kTestChannel}) {
    all.push_back(
        {.name = channel + ":perplexity", .regex = line + channel + R"( perplexity <loss>=(\S+))"});
    all.push_back({.name = channel + ":npmi",
                   .regex = line + channel + R"( npmi <score>=(\S+))",
                   .higher_is_better = true});
  }
  return all;
}

void check(Job& job) {
  const Hyperparameters h = read_settings(job, Hyperparameters::schema());
  check_tabular_channels(job, algorithm(), 0, h.feature_dim);
  // A Pipe delivers its words once: to the training.
  const Channel* const auxiliary = job.find_channel(kAuxiliaryChannel);
  if (auxiliary != nullptr && !auxiliary->is_pipe()) read_vocabulary(job, h.feature_dim);
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = std::string(kName),
      .summary = "Topics of documents, from their word counts.",
      .image_names = {std::string(kName)},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels =
          {row_channel(kTrainChannel, true, "Word counts, one document a row, one word a column."),
           row_channel(kValidationChannel, false,
                       "The same, held back: training stops and the best epoch is chosen by it."),
           row_channel(kTestChannel, false, "The same: the final model is measured on it."),
           {.name = kAuxiliaryChannel,
            .required = false,
            .content_types = {"text/plain"},
            .input_modes = {"File", "Pipe", "FastFile"},
            .doc = "vocab.txt, one word a line in the order of the columns; topics are then "
                   "printed as words."}},
      .metrics = metrics(),
      .distributed = true,
      .uses_gpu = false,
      .instance_notes = "Time goes with vocabulary times topics: more cores help.",
      .check = &check,
      .load = &load_scorer};
  return entry;
}

}  // namespace millrace::ntm
