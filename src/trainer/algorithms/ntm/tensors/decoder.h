#pragma once

#include <torch/types.h>

#include <vector>

#include "trainer/algorithms/ntm/documents.h"

namespace millrace::ntm {

/// Words of documents from what the encoder says of them: p(word) = softmax(W t + b).
struct Decoder {
  torch::Tensor weights;  ///< W [words, topics]
  torch::Tensor biases;   ///< b [words]
};

/// Of the losses' sum over documents.
struct DecoderGradients {
  torch::Tensor weights;  ///< [words, topics]; added to
  torch::Tensor biases;   ///< [words]; added to
  torch::Tensor inputs;   ///< [documents, topics]; set
};

/// -ln p of each document's words, divided by their number: [documents]. `inputs` is t [documents,
/// topics]. Where `gradients` is given, the gradients too.
///
/// The softmax runs over all words and so is dense; all else follows the words that documents have.
/// At most 16 MiB of logits are held: beyond that they are made twice, a block of words at a time.
std::vector<double> reconstruction(const Decoder& decoder, const Documents& documents,
                                   const torch::Tensor& inputs, DecoderGradients* gradients);

}  // namespace millrace::ntm
