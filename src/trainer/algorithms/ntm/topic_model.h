#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "trainer/algorithms/ntm/documents.h"
#include "trainer/algorithms/ntm/hyperparameters.h"

namespace millrace::ntm {

/// How word counts become the encoder's input: x_w = ln(1 + count_w), scaled to length 1. The
/// logarithm keeps repeated words from ruling the sum, the length makes long and short documents
/// alike. Appends one value for each stored count of document `d`.
void append_input(const Documents& documents, std::size_t d, std::vector<float>& input);

/// A trained model as it is saved and scored with: an encoder, and a decoder that tells its topics.
/// Batch normalisation is folded into the layers.
struct TopicModel {
  /// y = W x + b.
  struct Layer {
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;
    std::vector<float> weights;  ///< [outputs, inputs]
    std::vector<float> biases;   ///< [outputs]
  };

  std::int64_t words = 0;
  std::int64_t topics = 0;
  Activation activation = Activation::Sigmoid;
  std::vector<Layer> encoder;     ///< each followed by the activation
  Layer mean;                     ///< of z
  std::vector<float> projection;  ///< [words, topics] logits of each topic's words

  /// softmax(mean of z) of each document: [documents, topics]. One without words gets what the
  /// encoder makes of no input.
  [[nodiscard]] std::vector<float> topic_weights(const TabularBatch& rows) const;
};

/// Members of a model's directory.
inline constexpr std::string_view kModelFile = "model_algo-1";

/// Writes `model_algo-1`: a ZIP of `params`, an MXNet NDArray list with arg:projection_weight
/// [words, topics] and the encoder's arg:encoder<i>_weight, arg:encoder<i>_bias, arg:mean_weight
/// and arg:mean_bias, and of `meta.json`, which holds the rest. Replaces the file as a whole.
void write_model(const std::filesystem::path& directory, const TopicModel& model);

/// From model.tar.gz or the directory it was made of. Throws Error(Customer) naming what is missing
/// or damaged.
TopicModel read_model(const std::filesystem::path& path);

}  // namespace millrace::ntm
