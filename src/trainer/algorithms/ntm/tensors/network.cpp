#include "trainer/algorithms/ntm/tensors/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/error.h"
#include "trainer/algorithms/ntm/random_numbers.h"
#include "trainer/algorithms/ntm/tensors/decoder.h"

namespace millrace::ntm {
namespace {

/// How far t goes from the middle of the simplex to its corners: how much sharper than the words'
/// frequencies a topic can be while W is of order 1. At 5, 20 topics share their words, at 20 they
/// list rare ones (20 Newsgroups). Weights of more topics are smaller and need more of it: without,
/// 50 topics stayed alike.
double sharpness(std::int64_t topics) {
  return std::max(10.0, static_cast<double>(topics) / 2);
}
/// Deviation of W at the start.
constexpr double kFirstProjection = 0.04;
/// The same of z's means: the divergence begins at a fraction of a nat for each topic.
constexpr double kFirstMean = 0.7;
/// MXNet's adadelta, which knows no learning rate, is what the default of one gives.
constexpr double kAdaDeltaRate = 0.01;
constexpr double kAdaDeltaEps = 1e-5;

/// Of batch normalisation, as MXNet has them.
constexpr double kNormEps = 1e-3;
constexpr double kNormMomentum = 0.9;

/// Uses of random numbers (RandomPlace::purpose); a number of the block is added to the first.
constexpr std::uint32_t kTrainNoise = 1;
constexpr std::uint32_t kMeasureNoise = 2;
constexpr std::uint32_t kFirstWeights = 16;

}  // namespace

LossSums& LossSums::operator+=(const LossSums& more) {
  documents += more.documents;
  reconstruction += more.reconstruction;
  kld += more.kld;
  nats += more.nats;
  words += more.words;
  return *this;
}

double LossSums::perplexity() const {
  return std::exp(nats / words);
}

std::int64_t Network::Block::size() const {
  std::int64_t size = 1;
  for (const std::int64_t side : shape) size *= side;
  return size;
}

Network::Network(const Hyperparameters& h, std::uint32_t document_stream)
    : h_(h), document_stream_(document_stream) {
  std::int64_t inputs = h_.feature_dim;
  for (const std::int64_t outputs : h_.layers()) {
    EncoderLayer layer;
    layer.weights = encoder_.empty() ? add({inputs, outputs}, true) : add({outputs, inputs}, true);
    layer.biases = add({outputs});
    if (h_.batch_norm) {
      layer.gammas = add({outputs}, true);
      layer.betas = add({outputs});
    }
    encoder_.push_back(std::move(layer));
    inputs = outputs;
  }
  for (Linear* linear : {&mean_, &log_variance_}) {
    linear->weights = add({h_.num_topics, inputs}, true);
    linear->biases = add({h_.num_topics});
  }
  projection_ = add({h_.feature_dim, h_.num_topics}, true);
  projection_biases_ = add({h_.feature_dim});

  auto at = static_cast<std::size_t>(size_);
  for (EncoderLayer& layer : encoder_) {
    if (!h_.batch_norm) break;
    layer.moments = at;
    const std::int64_t outputs = layer.biases.shape[0];
    at += 2 * static_cast<std::size_t>(outputs);
    layer.running_mean = torch::zeros({outputs});
    layer.running_square = torch::ones({outputs});
  }
  losses_ = at;
  spares_ = at + 5;
  sums_.resize(spares_ + 2);
  parameters_ = torch::zeros({size_});
  const torch::Tensor gradients = torch::from_blob(sums_.data(), {size_});
  for (const Block& block : blocks_) {
    const auto part = [&](const torch::Tensor& flat) {
      return flat.slice(0, block.begin, block.begin + block.size()).view(block.shape);
    };
    torch::Tensor leaf = part(parameters_).detach().set_requires_grad(true);
    leaf.mutable_grad() = part(gradients);
    leaves_.push_back(std::move(leaf));
  }
  initialize();
  optimizer_.emplace(
      std::vector<TrainedTensor>{{.value = parameters_}},
      OptimizerOptions{.rule = h_.optimizer,
                       .weight_decay = 0,
                       .eps = h_.optimizer == UpdateRule::AdaDelta ? kAdaDeltaEps : 1e-8});
}

Network::Block Network::add(std::vector<std::int64_t> shape, bool decays) {
  Block block{.begin = size_, .shape = std::move(shape), .decays = decays, .leaf = blocks_.size()};
  size_ += block.size();
  blocks_.push_back(block);
  return block;
}

void Network::draw(const Block& block, std::uint32_t number, double deviation) {
  const std::int64_t size = block.size();
  float* const values = parameters_.data_ptr<float>() + block.begin;
  const RandomPlace place{.seed = static_cast<std::uint64_t>(h_.seed),
                          .purpose = kFirstWeights + number};
  normals_at(place, values, size);
  for (std::int64_t i = 0; i < size; ++i) values[i] *= static_cast<float>(deviation);
}

void Network::initialize() {
  // Every layer starts with outputs of mean 0 and about unit variance over the documents, so that z
  // tells them apart from the first step on: an encoder that starts flat stays flat, the known
  // collapse of such models. Of inputs that are outputs of an activation of N(0, 1), mean and
  // variance are these.
  double mean = 0, variance = 1;
  switch (h_.encoder_layers_activation) {
    case Activation::Sigmoid:
      mean = 0.5, variance = 0.0434;
      break;
    case Activation::Tanh:
      mean = 0, variance = 0.394;
      break;
    case Activation::Relu:
      mean = 0.399, variance = 0.341;
      break;
  }
  std::uint32_t number = 0;
  const auto start = [&](const Block& weights, const Block& biases, double spread) {
    const double inputs = static_cast<double>(weights.shape[1]);
    draw(weights, number++, spread / std::sqrt(inputs * variance));
    leaf(biases).detach().copy_(leaf(weights).detach().sum(1).mul_(-mean));
  };
  const at::NoGradGuard no_grad;
  // The input has length 1.
  draw(encoder_[0].weights, number++, 1);
  for (std::size_t i = 1; i < encoder_.size(); ++i)
    start(encoder_[i].weights, encoder_[i].biases, 1);
  start(mean_.weights, mean_.biases, kFirstMean);
  start(log_variance_.weights, log_variance_.biases, 0.1);
  draw(projection_, number++, kFirstProjection);
  for (const EncoderLayer& layer : encoder_) {
    if (h_.batch_norm) leaf(layer.gammas).detach().fill_(1);
  }
}

void Network::set_frequencies(std::span<const float> counts) {
  // A word that was not seen is taken to be there once.
  double total = 0;
  for (const float count : counts) total += static_cast<double>(count) + 1;
  float* const biases = parameters_.data_ptr<float>() + projection_biases_.begin;
  for (std::size_t word = 0; word < counts.size(); ++word)
    biases[word] = static_cast<float>(std::log((static_cast<double>(counts[word]) + 1) / total));
}

torch::Tensor Network::noise(const Documents& documents, std::uint32_t purpose,
                             std::int64_t epoch) const {
  torch::Tensor values = torch::empty({documents.size(), h_.num_topics});
  float* at = values.data_ptr<float>();
  for (const std::int64_t row : documents.rows) {
    normals_at({.seed = static_cast<std::uint64_t>(h_.seed),
                .purpose = purpose,
                .epoch = static_cast<std::uint32_t>(epoch),
                .document = document_address(document_stream_, row)},
               at, h_.num_topics);
    at += h_.num_topics;
  }
  return values;
}

torch::Tensor Network::activated(const torch::Tensor& values) const {
  switch (h_.encoder_layers_activation) {
    case Activation::Sigmoid:
      return values.sigmoid();
    case Activation::Tanh:
      return values.tanh();
    case Activation::Relu:
      break;
  }
  return values.relu();
}

torch::Tensor Network::normalized(const EncoderLayer& layer, const torch::Tensor& values,
                                  bool learn) {
  torch::Tensor mean = layer.running_mean, square = layer.running_square;
  // A single document has no variance to divide by.
  if (learn && values.size(0) > 1) {
    mean = values.mean(0);
    square = values.square().mean(0);
  }
  if (learn) {
    const at::NoGradGuard no_grad;
    const torch::Tensor moments =
        torch::from_blob(sums_.data() + layer.moments, {2, values.size(1)});
    moments[0].add_(mean.detach(), values.size(0));
    moments[1].add_(square.detach(), values.size(0));
  }
  const torch::Tensor variance = (square - mean.square()).clamp_min(0);
  return (values - mean) * (variance + kNormEps).rsqrt() * leaf(layer.gammas) + leaf(layer.betas);
}

torch::Tensor Network::first_layer(const Documents& documents,
                                   const std::vector<float>& input) const {
  const Block& weights = encoder_[0].weights;
  const std::int64_t outputs = weights.shape[1];
  const float* const w = parameters_.data_ptr<float>() + weights.begin;
  const float* const b = parameters_.data_ptr<float>() + encoder_[0].biases.begin;
  torch::Tensor values = torch::empty({documents.size(), outputs});
  float* out = values.data_ptr<float>();
  for (std::size_t d = 0; d < documents.totals.size(); ++d, out += outputs) {
    std::copy(b, b + outputs, out);
    for (auto i = static_cast<std::size_t>(documents.starts[d]);
         i < static_cast<std::size_t>(documents.starts[d + 1]); ++i) {
      const float* const w_i = w + documents.words[i] * outputs;
      const float x = input[i];
      for (std::int64_t o = 0; o < outputs; ++o) out[o] += x * w_i[o];
    }
  }
  return values;
}

void Network::add_first_gradients(const Documents& documents, const std::vector<float>& input,
                                  const torch::Tensor& gradient) {
  const Block& weights = encoder_[0].weights;
  const std::int64_t outputs = weights.shape[1];
  float* const dw = sums_.data() + weights.begin;
  float* const db = sums_.data() + encoder_[0].biases.begin;
  const torch::Tensor flat = gradient.contiguous();
  const float* out = flat.data_ptr<float>();
  for (std::size_t d = 0; d < documents.totals.size(); ++d, out += outputs) {
    for (std::int64_t o = 0; o < outputs; ++o) db[o] += out[o];
    for (auto i = static_cast<std::size_t>(documents.starts[d]);
         i < static_cast<std::size_t>(documents.starts[d + 1]); ++i) {
      float* const dw_i = dw + documents.words[i] * outputs;
      const float x = input[i];
      for (std::int64_t o = 0; o < outputs; ++o) dw_i[o] += x * out[o];
    }
  }
}

LossSums Network::run(const Documents& documents, const torch::Tensor& noise, bool learn) {
  const torch::AutoGradMode records(learn);
  std::vector<float> input;
  for (std::size_t d = 0; d < documents.totals.size(); ++d) append_input(documents, d, input);
  torch::Tensor first = first_layer(documents, input);
  first.set_requires_grad(learn);
  torch::Tensor values = first;
  for (std::size_t i = 0; i < encoder_.size(); ++i) {
    const EncoderLayer& layer = encoder_[i];
    if (i > 0) values = torch::linear(values, leaf(layer.weights), leaf(layer.biases));
    if (h_.batch_norm) values = normalized(layer, values, learn);
    values = activated(values);
  }
  const torch::Tensor mean = torch::linear(values, leaf(mean_.weights), leaf(mean_.biases));
  const torch::Tensor log_variance =
      torch::linear(values, leaf(log_variance_.weights), leaf(log_variance_.biases));
  const torch::Tensor z = mean + (0.5 * log_variance).exp() * noise;
  const torch::Tensor t =
      (z.softmax(1) - 1.0 / static_cast<double>(h_.num_topics)) * sharpness(h_.num_topics);
  const torch::Tensor lengths =
      torch::tensor(at::ArrayRef<double>(documents.totals)).to(torch::kFloat);
  const torch::Tensor kld =
      0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / lengths;

  const Decoder decoder{.weights = leaf(projection_).detach(),
                        .biases = leaf(projection_biases_).detach()};
  DecoderGradients gradients{
      .weights = leaf(projection_).grad(), .biases = leaf(projection_biases_).grad(), .inputs = {}};
  std::vector<double> told;
  {
    const at::NoGradGuard no_grad;
    told =
        reconstruction(decoder, documents, t.detach().contiguous(), learn ? &gradients : nullptr);
  }
  if (learn) {
    const torch::Tensor weights = mean.detach().softmax(1).contiguous();
    const float* const begin = weights.data_ptr<float>();
    topic_weights_.assign(begin, begin + weights.numel());
    torch::autograd::backward({kld.sum(), t}, {torch::ones({}), gradients.inputs});
    add_first_gradients(documents, input, first.grad());
  }
  LossSums sums;
  const torch::Tensor klds = kld.detach().contiguous();
  for (std::size_t d = 0; d < told.size(); ++d) {
    const auto divergence = static_cast<double>(klds.data_ptr<float>()[d]);
    sums += {.documents = 1,
             .reconstruction = told[d],
             .kld = divergence,
             .nats = documents.totals[d] * (told[d] + divergence),
             .words = documents.totals[d]};
  }
  return sums;
}

void Network::set_gradients(const Documents& documents, std::int64_t epoch) {
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  topic_weights_.clear();
  if (documents.size() == 0) return;
  const LossSums sums = run(documents, noise(documents, kTrainNoise, epoch), true);
  float* const losses = sums_.data() + losses_;
  losses[0] = static_cast<float>(sums.documents);
  losses[1] = static_cast<float>(sums.reconstruction);
  losses[2] = static_cast<float>(sums.kld);
  losses[3] = static_cast<float>(sums.nats);
  losses[4] = static_cast<float>(sums.words);
}

LossSums Network::losses() const {
  const float* const losses = sums_.data() + losses_;
  return {.documents = static_cast<double>(losses[0]),
          .reconstruction = static_cast<double>(losses[1]),
          .kld = static_cast<double>(losses[2]),
          .nats = static_cast<double>(losses[3]),
          .words = static_cast<double>(losses[4])};
}

void Network::update() {
  const at::NoGradGuard no_grad;
  const LossSums sums = losses();
  torch::Tensor gradient = torch::from_blob(sums_.data(), {size_});
  // The mean over documents of the loss per word, times the words of a document: the size of
  // gradient that the optimisers' constants are made for.
  gradient.mul_(h_.rescale_gradient * sums.words / (sums.documents * sums.documents));
  if (std::isfinite(h_.clip_gradient)) gradient.clamp_(-h_.clip_gradient, h_.clip_gradient);
  for (const Block& block : blocks_) {
    if (block.decays && h_.weight_decay > 0)
      leaf(block).grad().add_(leaf(block).detach(), h_.weight_decay);
  }
  parameters_.mutable_grad() = gradient;
  const bool adadelta = h_.optimizer == UpdateRule::AdaDelta;
  optimizer_->step(adadelta ? h_.learning_rate / kAdaDeltaRate : h_.learning_rate);
  for (EncoderLayer& layer : encoder_) {
    if (!h_.batch_norm) break;
    const torch::Tensor moments =
        torch::from_blob(sums_.data() + layer.moments, {2, layer.biases.shape[0]});
    const double share = (1 - kNormMomentum) / sums.documents;
    layer.running_mean.mul_(kNormMomentum).add_(moments[0], share);
    layer.running_square.mul_(kNormMomentum).add_(moments[1], share);
  }
}

LossSums Network::measure(const Documents& documents) {
  if (documents.size() == 0) return {};
  return run(documents, noise(documents, kMeasureNoise, 0), false);
}

std::vector<float> Network::parameters() const {
  const float* const begin = parameters_.data_ptr<float>();
  std::vector<float> values(begin, begin + size_);
  for (const EncoderLayer& layer : encoder_) {
    if (!h_.batch_norm) break;
    for (const torch::Tensor* running : {&layer.running_mean, &layer.running_square}) {
      const float* const from = running->data_ptr<float>();
      values.insert(values.end(), from, from + running->numel());
    }
  }
  return values;
}

void Network::set_parameters(const std::vector<float>& values) {
  if (values.size() != parameters().size()) {
    throw Error(Blame::Customer, "parameters of a checkpoint: got " +
                                     std::to_string(values.size()) + " values, expected " +
                                     std::to_string(parameters().size()));
  }
  const float* from = values.data();
  const auto take = [&](const torch::Tensor& tensor) {
    std::copy(from, from + tensor.numel(), tensor.data_ptr<float>());
    from += tensor.numel();
  };
  take(parameters_);
  for (EncoderLayer& layer : encoder_) {
    if (!h_.batch_norm) break;
    take(layer.running_mean);
    take(layer.running_square);
  }
}

Network::Memory Network::memory() const {
  Memory memory{.updates = optimizer_->updates(), .moments = {}};
  for (const torch::Tensor& tensor : optimizer_->moments()) {
    const float* const begin = tensor.data_ptr<float>();
    memory.moments.insert(memory.moments.end(), begin, begin + tensor.numel());
  }
  return memory;
}

void Network::set_memory(const Memory& memory) {
  const std::vector<torch::Tensor> moments = optimizer_->moments();
  const auto each = static_cast<std::size_t>(size_);
  if (memory.moments.size() != moments.size() * each) {
    throw Error(Blame::Customer, "moments of a checkpoint: got " +
                                     std::to_string(memory.moments.size()) + " values, expected " +
                                     std::to_string(moments.size() * each));
  }
  optimizer_->resume(memory.updates);
  const float* from = memory.moments.data();
  for (const torch::Tensor& tensor : moments) {
    std::copy(from, from + size_, tensor.data_ptr<float>());
    from += size_;
  }
}

TopicModel Network::model() const {
  const at::NoGradGuard no_grad;
  const auto numbers = [](const torch::Tensor& tensor) {
    const torch::Tensor flat = tensor.contiguous();
    const float* const begin = flat.data_ptr<float>();
    return std::vector<float>(begin, begin + flat.numel());
  };
  const auto layer = [&](torch::Tensor weights, torch::Tensor biases) {
    return TopicModel::Layer{.inputs = weights.size(1),
                             .outputs = weights.size(0),
                             .weights = numbers(weights),
                             .biases = numbers(biases)};
  };
  TopicModel model{
      .words = h_.feature_dim, .topics = h_.num_topics, .activation = h_.encoder_layers_activation};
  for (std::size_t i = 0; i < encoder_.size(); ++i) {
    const EncoderLayer& from = encoder_[i];
    torch::Tensor weights = leaf(from.weights).detach(), biases = leaf(from.biases).detach();
    if (i == 0) weights = weights.t();
    if (h_.batch_norm) {
      const torch::Tensor variance =
          (from.running_square - from.running_mean.square()).clamp_min(0);
      const torch::Tensor factor = (variance + kNormEps).rsqrt() * leaf(from.gammas).detach();
      weights = weights * factor.unsqueeze(1);
      biases = (biases - from.running_mean) * factor + leaf(from.betas).detach();
    }
    model.encoder.push_back(layer(weights, biases));
  }
  model.mean = layer(leaf(mean_.weights).detach(), leaf(mean_.biases).detach());
  return model;
}

}  // namespace millrace::ntm
