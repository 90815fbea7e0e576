#include "trainer/algorithms/ntm/tensors/network.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "trainer/algorithms/ntm/tensors/decoder.h"

namespace millrace::ntm {
namespace {

constexpr std::int64_t kWords = 30;

Hyperparameters settings() {
  Hyperparameters h;
  h.feature_dim = kWords;
  h.num_topics = 4;
  h.optimizer = UpdateRule::Sgd;
  return h;
}

/// Documents [begin, end) of an endless collection.
Documents documents(std::int64_t begin, std::int64_t end) {
  TabularBatch batch;
  batch.clear(false);
  batch.first_row = begin;
  for (std::int64_t d = begin; d < end; ++d) {
    Row row{.columns = kWords, .values = std::vector<float>(kWords)};
    for (std::int64_t i = 0; i < 6; ++i)
      row.values[static_cast<std::size_t>((d * 7 + i * i * 3) % kWords)] +=
          static_cast<float>(1 + d % 3);
    batch.append(row);
  }
  Documents all;
  for (std::int64_t row = 0; row < batch.rows(); ++row) all.add(batch, row, nullptr);
  return all;
}

double loss(Network& network, const Documents& of) {
  network.set_gradients(of, 1);
  const LossSums sums = network.losses();
  return sums.reconstruction + sums.kld;
}

/// Gradients by central differences, for every fifth parameter.
void expect_gradients_fit(const Hyperparameters& h) {
  Network network(h, 0);
  const Documents batch = documents(0, 5);
  network.set_gradients(batch, 1);
  const std::vector<float> at = network.parameters();
  const std::vector<float> gradients(
      network.sums().begin(), network.sums().begin() + static_cast<std::ptrdiff_t>(at.size()));
  const std::size_t trained = at.size() - (h.batch_norm ? 2 * 20 : 0);
  for (std::size_t i = 0; i < trained; i += 5) {
    const float step = 0.01F;
    std::vector<float> moved = at;
    moved[i] = at[i] + step;
    network.set_parameters(moved);
    const double above = loss(network, batch);
    moved[i] = at[i] - step;
    network.set_parameters(moved);
    const double below = loss(network, batch);
    EXPECT_NEAR((above - below) / (2 * static_cast<double>(step)),
                static_cast<double>(gradients[i]),
                0.002 + 0.02 * std::abs(static_cast<double>(gradients[i])))
        << i;
  }
}

TEST(Network, GradientsAreThoseOfTheLoss) {
  for (const Activation activation : {Activation::Sigmoid, Activation::Tanh}) {
    Hyperparameters h = settings();
    h.encoder_layers_activation = activation;
    expect_gradients_fit(h);
  }
  Hyperparameters h = settings();
  h.batch_norm = true;
  expect_gradients_fit(h);
}

TEST(Network, TheDecoderMatchesTorchsOwnSoftmax) {
  torch::manual_seed(3);
  const torch::Tensor w = torch::randn({kWords, 4}), b = torch::randn({kWords}),
                      t = torch::randn({3, 4}).set_requires_grad(true);
  const Documents batch = documents(0, 3);
  torch::Tensor counts = torch::zeros({3, kWords});
  for (std::int64_t d = 0; d < 3; ++d) {
    for (auto i = static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(d)]);
         i < static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(d) + 1]); ++i)
      counts[d][batch.words[i]] = batch.counts[i];
  }
  const torch::Tensor expected =
      -(counts / counts.sum(1, true) * (t.matmul(w.t()) + b).log_softmax(1)).sum(1);
  expected.sum().backward();
  DecoderGradients gradients{
      .weights = torch::zeros({kWords, 4}), .biases = torch::zeros({kWords}), .inputs = {}};
  const at::NoGradGuard no_grad;
  const std::vector<double> losses =
      reconstruction({.weights = w, .biases = b}, batch, t.detach(), &gradients);
  for (std::int64_t d = 0; d < 3; ++d)
    EXPECT_NEAR(losses[static_cast<std::size_t>(d)], expected[d].item<double>(), 1e-5);
  EXPECT_TRUE(gradients.inputs.allclose(t.grad(), 1e-4, 1e-5));
}

TEST(Network, WordsInBlocksGiveWhatAllWordsAtOnceGive) {
  // 4 Mi logits are held at a time: with 60 documents of 100,000 words they are made twice.
  constexpr std::int64_t kMany = 100'000;
  torch::manual_seed(4);
  const torch::Tensor w = torch::randn({kMany, 2}), b = torch::randn({kMany}),
                      t = torch::randn({60, 2});
  Documents many, one;
  TabularBatch batch;
  batch.clear(true);
  for (std::int64_t d = 0; d < 60; ++d)
    batch.append(
        {.sparse = true, .columns = kMany, .indices = {d * 11, 90'000 + d}, .values = {1, 2}});
  for (std::int64_t d = 0; d < 60; ++d) many.add(batch, d, nullptr);
  one.add(batch, 7, nullptr);
  DecoderGradients all{
      .weights = torch::zeros({kMany, 2}), .biases = torch::zeros({kMany}), .inputs = {}};
  DecoderGradients single = {
      .weights = torch::zeros({kMany, 2}), .biases = torch::zeros({kMany}), .inputs = {}};
  const std::vector<double> losses = reconstruction({.weights = w, .biases = b}, many, t, &all);
  const std::vector<double> alone =
      reconstruction({.weights = w, .biases = b}, one, t.slice(0, 7, 8).contiguous(), &single);
  EXPECT_NEAR(losses[7], alone[0], 1e-4);
  EXPECT_TRUE(all.inputs[7].allclose(single.inputs[0], 1e-3, 1e-4));
  EXPECT_NEAR(all.biases.sum().item<double>(), 0, 1e-2);
}

TEST(Network, HalvesOfABatchAddUpToTheWhole) {
  Network whole(settings(), 0), first(settings(), 0), second(settings(), 0);
  whole.set_gradients(documents(0, 10), 1);
  first.set_gradients(documents(0, 4), 1);
  second.set_gradients(documents(4, 10), 1);
  for (std::size_t i = 0; i < whole.sums().size(); ++i)
    EXPECT_NEAR(whole.sums()[i], first.sums()[i] + second.sums()[i], 1e-3F) << i;
}

TEST(Network, EveryOptimizerLowersTheLoss) {
  for (const UpdateRule rule : {UpdateRule::Sgd, UpdateRule::Adam, UpdateRule::AdaGrad,
                                UpdateRule::AdaDelta, UpdateRule::RmsProp}) {
    Hyperparameters h = settings();
    h.optimizer = rule;
    Network network(h, 0);
    const Documents batch = documents(0, 40);
    const double before = loss(network, batch);
    for (int step = 0; step < 100; ++step) {
      network.set_gradients(batch, 1);
      network.update();
    }
    EXPECT_LT(loss(network, batch), before - 1) << static_cast<int>(rule);
  }
}

/// How far one step moves each parameter.
std::vector<float> moved(const Hyperparameters& h) {
  Network network(h, 0);
  const std::vector<float> before = network.parameters();
  network.set_gradients(documents(0, 10), 1);
  network.update();
  std::vector<float> distance = network.parameters();
  for (std::size_t i = 0; i < distance.size(); ++i) distance[i] -= before[i];
  return distance;
}

TEST(Network, ClipsAndRescalesGradients) {
  Hyperparameters h = settings();
  const std::vector<float> plain = moved(h);
  h.rescale_gradient = 0.5;
  const std::vector<float> halved = moved(h);
  h.rescale_gradient = 1;
  h.clip_gradient = 0.001;
  const std::vector<float> clipped = moved(h);
  bool reached = false;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(halved[i], 0.5F * plain[i], 1e-6F);
    EXPECT_LE(std::abs(clipped[i]), static_cast<float>(0.001 * h.learning_rate) + 1e-7F);
    reached = reached || std::abs(plain[i]) > static_cast<float>(0.001 * h.learning_rate);
  }
  EXPECT_TRUE(reached);
}

TEST(Network, WeightDecayShrinksWeightsAndNotBiases) {
  Hyperparameters h = settings();
  Network network(h, 0);
  const std::vector<float> start = network.parameters();
  const std::vector<float> plain = moved(h);
  h.weight_decay = 0.5;
  const std::vector<float> decayed = moved(h);
  // The first block is the first layer's weights, [words, 12]; its biases follow.
  const std::size_t weights = kWords * 12;
  for (std::size_t i = 0; i < weights; ++i)
    EXPECT_NEAR(decayed[i] - plain[i], -0.5F * static_cast<float>(h.learning_rate) * start[i],
                1e-5F);
  for (std::size_t i = weights; i < weights + 12; ++i) EXPECT_EQ(decayed[i], plain[i]);
}

TEST(Network, SavesAnEncoderThatGivesTheMeansItTrainedWith) {
  for (const bool batch_norm : {false, true}) {
    Hyperparameters h = settings();
    h.batch_norm = batch_norm;
    h.optimizer = UpdateRule::Adam;
    Network network(h, 0);
    for (int step = 0; step < 50; ++step) {
      network.set_gradients(documents(0, 40), 1);
      network.update();
    }
    const TopicModel model = network.model();
    TabularBatch batch;
    batch.clear(false);
    Row row{.columns = kWords, .values = std::vector<float>(kWords)};
    row.values[3] = 2;
    batch.append(row);
    const std::vector<float> weights = model.topic_weights(batch);
    float sum = 0;
    for (const float weight : weights) sum += weight;
    EXPECT_NEAR(sum, 1, 1e-5F);
    Network other(h, 0);
    other.set_parameters(network.parameters());
    EXPECT_EQ(other.model().topic_weights(batch), weights);
  }
}

TEST(Network, NoiseBelongsToTheDocumentAndNotToItsBatch) {
  Network network(settings(), 0);
  const LossSums whole = network.measure(documents(0, 10));
  LossSums parts = network.measure(documents(0, 3));
  parts += network.measure(documents(3, 10));
  EXPECT_NEAR(whole.total(), parts.total(), 1e-5);
  Network shard(settings(), 1);
  EXPECT_NE(shard.measure(documents(0, 10)).total(), whole.total());
}

TEST(Network, ALoneDocumentAndNoneAreNoTrouble) {
  Hyperparameters h = settings();
  h.batch_norm = true;
  Network network(h, 0);
  network.set_gradients(documents(0, 1), 1);
  network.update();
  EXPECT_TRUE(std::isfinite(network.measure(documents(0, 1)).total()));
  network.set_gradients({}, 1);
  EXPECT_EQ(network.losses().documents, 0);
}

}  // namespace
}  // namespace millrace::ntm
