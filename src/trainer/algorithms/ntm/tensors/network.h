#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trainer/algorithms/ntm/documents.h"
#include "trainer/algorithms/ntm/hyperparameters.h"
#include "trainer/algorithms/ntm/topic_model.h"
#include "trainer/learn/optimizer.h"

namespace millrace::ntm {

/// Sums over documents. Losses are per word: a document's in nats, divided by its words.
struct LossSums {
  double documents = 0;
  double reconstruction = 0;
  double kld = 0;
  double nats = 0;  ///< undivided losses
  double words = 0;

  LossSums& operator+=(const LossSums& more);
  [[nodiscard]] double mean_reconstruction() const { return reconstruction / documents; }
  [[nodiscard]] double mean_kld() const { return kld / documents; }
  [[nodiscard]] double total() const { return (reconstruction + kld) / documents; }
  /// exp of the loss of a word: an upper bound of the perplexity.
  [[nodiscard]] double perplexity() const;
};

/// The variational autoencoder of Miao, Yu and Blunsom, "Neural Variational Inference for Text
/// Processing", ICML 2016 (NVDM), with topics that add up to 1:
///
///   h_0 = append_input(x);  h_i = activation(norm(W_i h_{i-1} + b_i))
///   mu = M h + m;  ln sigma^2 = S h + s;  z = mu + sigma e,  e ~ N(0, I)
///   t = s (softmax(z) - 1/K) with a constant s;  p(word) = softmax(W t + b)
///   loss = -sum_w x_w ln p_w + KL(N(mu, sigma^2) || N(0, I))
///
/// One step of training:
///
///     network.set_gradients(documents, epoch);
///     cluster.sum(network.sums());
///     network.update();
class Network {
 public:
  /// `document_stream` is mixed into the noise's addresses: hosts whose rows are numbered alike
  /// (shards) differ in it.
  Network(const Hyperparameters& h, std::uint32_t document_stream);

  /// Before the first step: the decoder's biases become the words' log frequencies in `counts`
  /// [words].
  void set_frequencies(std::span<const float> counts);

  /// Gradients and losses of a batch; of none where it has no documents.
  void set_gradients(const Documents& documents, std::int64_t epoch);
  /// What hosts add up before update().
  std::span<float> sums() { return sums_; }
  /// Numbers that travel with the sums; set_gradients() clears them.
  float& hosts_with_more() { return sums_[spares_]; }
  float& hosts_that_stop() { return sums_[spares_ + 1]; }
  /// Of sums().
  [[nodiscard]] LossSums losses() const;
  /// Of the batch that set_gradients() saw last: softmax of the mean of z, [documents, topics].
  [[nodiscard]] std::span<const float> topic_weights() const { return topic_weights_; }
  /// One step by the mean gradient of the documents in sums(); there must be some.
  void update();

  /// Losses as of training, by parameters as they are; the noise of a document is always the same.
  LossSums measure(const Documents& documents);

  /// All there is to train and what batch normalisation remembers, for the best epoch and
  /// checkpoints.
  [[nodiscard]] std::vector<float> parameters() const;
  /// Throws Error(Customer) for values of another model, as a checkpoint may hold.
  void set_parameters(const std::vector<float>& values);
  /// Of the optimiser, for checkpoints.
  struct Memory {
    std::int64_t updates = 0;
    std::vector<float> moments;
  };
  [[nodiscard]] Memory memory() const;
  void set_memory(const Memory& memory);

  /// As it is saved: normalisation folded into the layers. `projection` is left to the caller.
  [[nodiscard]] TopicModel model() const;

 private:
  struct Block {
    std::int64_t begin = 0;  ///< in the parameters
    std::vector<std::int64_t> shape;
    bool decays = false;
    std::size_t leaf = 0;  ///< its tensor in leaves_
    [[nodiscard]] std::int64_t size() const;
  };
  struct EncoderLayer {
    Block weights;                 ///< the first: [words, outputs]; others [outputs, inputs]
    Block biases;                  ///< [outputs]
    Block gammas;                  ///< [outputs] with batch normalisation
    Block betas;                   ///< [outputs]
    std::size_t moments = 0;       ///< in sums_: sums of values and of squares over documents
    torch::Tensor running_mean;    ///< [outputs]
    torch::Tensor running_square;  ///< [outputs] mean of squares
  };
  struct Linear {
    Block weights;  ///< [topics, inputs]
    Block biases;   ///< [topics]
  };

  Block add(std::vector<std::int64_t> shape, bool decays = false);
  void initialize();
  void draw(const Block& block, std::uint32_t number, double deviation);
  /// Shares storage with the parameters; its grad() shares storage with sums().
  [[nodiscard]] const torch::Tensor& leaf(const Block& block) const { return leaves_[block.leaf]; }
  [[nodiscard]] torch::Tensor normalized(const EncoderLayer& layer, const torch::Tensor& values,
                                         bool learn);
  [[nodiscard]] torch::Tensor activated(const torch::Tensor& values) const;
  [[nodiscard]] torch::Tensor noise(const Documents& documents, std::uint32_t purpose,
                                    std::int64_t epoch) const;
  LossSums run(const Documents& documents, const torch::Tensor& noise, bool learn);
  [[nodiscard]] torch::Tensor first_layer(const Documents& documents,
                                          const std::vector<float>& input) const;
  void add_first_gradients(const Documents& documents, const std::vector<float>& input,
                           const torch::Tensor& gradient);

  Hyperparameters h_;
  std::uint32_t document_stream_;
  std::int64_t size_ = 0;  ///< parameters
  std::vector<EncoderLayer> encoder_;
  Linear mean_, log_variance_;
  Block projection_;         ///< [words, topics]
  Block projection_biases_;  ///< [words]
  std::vector<Block> blocks_;
  std::vector<torch::Tensor> leaves_;
  torch::Tensor parameters_;  ///< [size_], of which all blocks are views
  std::vector<float> sums_;   ///< [size_] gradients, then moments, losses and the hosts' numbers
  std::size_t losses_ = 0;
  std::size_t spares_ = 0;
  std::vector<float> topic_weights_;
  std::optional<Optimizer> optimizer_;
};

}  // namespace millrace::ntm
