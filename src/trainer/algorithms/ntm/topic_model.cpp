#include "trainer/algorithms/ntm/topic_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"
#include "core/json/json.h"
#include "trainer/tabular/model_files.h"

namespace millrace::ntm {
namespace {

constexpr const char* kParams = "params";
constexpr const char* kMeta = "meta.json";
constexpr const char* kProjection = "arg:projection_weight";
constexpr const char* kMean = "mean";

using Layer = TopicModel::Layer;
using Arrays = std::map<std::string, NamedArray>;

std::string encoder_name(std::size_t number) {
  return "encoder" + std::to_string(number);
}

[[noreturn]] void refuse(std::string_view what, std::string given, std::string expected) {
  throw Error(Blame::Customer, Problem{.where = std::string(kModelFile) + ", " + std::string(what),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = "Use the model.tar.gz of an ntm job."});
}

void append(std::vector<NamedArray>& arrays, const std::string& name, const Layer& layer) {
  arrays.push_back({.name = "arg:" + name + "_weight",
                    .shape = {layer.outputs, layer.inputs},
                    .values = layer.weights});
  arrays.push_back(
      {.name = "arg:" + name + "_bias", .shape = {layer.outputs}, .values = layer.biases});
}

NamedArray take(Arrays& arrays, const std::string& name, std::size_t dimensions) {
  const auto found = arrays.find(name);
  if (found == arrays.end() || found->second.shape.size() != dimensions)
    refuse(kParams, {}, name + " of " + std::to_string(dimensions) + " dimensions");
  return std::move(found->second);
}

/// A layer whose inputs are the outputs of the one before.
Layer take_layer(Arrays& arrays, const std::string& name, std::int64_t inputs) {
  NamedArray weights = take(arrays, "arg:" + name + "_weight", 2),
             biases = take(arrays, "arg:" + name + "_bias", 1);
  if (weights.shape[1] != inputs || biases.shape[0] != weights.shape[0]) {
    refuse(kParams,
           weights.name + " of " + std::to_string(weights.shape[0]) + " x " +
               std::to_string(weights.shape[1]),
           std::to_string(biases.shape[0]) + " x " + std::to_string(inputs));
  }
  return {.inputs = inputs,
          .outputs = weights.shape[0],
          .weights = std::move(weights.values),
          .biases = std::move(biases.values)};
}

const std::string& member(const std::map<std::string, std::string>& members, const char* name) {
  const auto found = members.find(name);
  if (found == members.end()) refuse(name, {}, "this member");
  return found->second;
}

float activated(Activation activation, float value) {
  switch (activation) {
    case Activation::Sigmoid:
      return 1 / (1 + std::exp(-value));
    case Activation::Tanh:
      return std::tanh(value);
    case Activation::Relu:
      break;
  }
  return std::max(value, 0.0F);
}

std::vector<float> dense(const Layer& layer, const std::vector<float>& input) {
  std::vector<float> output = layer.biases;
  for (std::size_t o = 0; o < output.size(); ++o) {
    const float* const weights = layer.weights.data() + o * input.size();
    for (std::size_t i = 0; i < input.size(); ++i) output[o] += weights[i] * input[i];
  }
  return output;
}

/// The same of an input that is given by its values other than 0.
std::vector<float> sparse(const Layer& layer, const std::vector<std::int64_t>& places,
                          const std::vector<float>& input) {
  std::vector<float> output = layer.biases;
  for (std::size_t o = 0; o < output.size(); ++o) {
    const float* const weights = layer.weights.data() + o * static_cast<std::size_t>(layer.inputs);
    for (std::size_t i = 0; i < input.size(); ++i)
      output[o] += weights[static_cast<std::size_t>(places[i])] * input[i];
  }
  return output;
}

void refuse_count(std::int64_t row, std::int64_t word, float count) {
  throw Error(Blame::Customer, Problem{.where = "row " + std::to_string(row + 1) + ", feature " +
                                                std::to_string(word),
                                       .given = number_text(static_cast<double>(count)),
                                       .expected = kExpectedCount,
                                       .fix = kCountFix});
}

}  // namespace

void append_input(const Documents& documents, std::size_t d, std::vector<float>& input) {
  const auto begin = static_cast<std::size_t>(documents.starts[d]),
             end = static_cast<std::size_t>(documents.starts[d + 1]);
  const std::size_t first = input.size();
  double square = 0;
  for (std::size_t i = begin; i < end; ++i) {
    input.push_back(std::log1p(documents.counts[i]));
    square += static_cast<double>(input.back()) * static_cast<double>(input.back());
  }
  const auto factor = static_cast<float>(1 / std::sqrt(square));
  for (std::size_t i = first; i < input.size(); ++i) input[i] *= factor;
}

std::vector<float> TopicModel::topic_weights(const TabularBatch& rows) const {
  MILLRACE_CHECK(rows.columns() == words);
  std::vector<float> weights, input;
  Documents document;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    document.clear();
    document.add(rows, row, refuse_count);
    input.clear();
    if (document.size() > 0) append_input(document, 0, input);
    std::vector<float> values = sparse(encoder[0], document.words, input);
    for (std::size_t layer = 1; layer <= encoder.size(); ++layer) {
      for (float& value : values) value = activated(activation, value);
      values = dense(layer < encoder.size() ? encoder[layer] : mean, values);
    }
    const float top = *std::max_element(values.begin(), values.end());
    float sum = 0;
    for (float& value : values) sum += value = std::exp(value - top);
    for (const float value : values) weights.push_back(value / sum);
  }
  return weights;
}

void write_model(const std::filesystem::path& directory, const TopicModel& model) {
  std::vector<NamedArray> arrays{
      {.name = kProjection, .shape = {model.words, model.topics}, .values = model.projection}};
  for (std::size_t i = 0; i < model.encoder.size(); ++i)
    append(arrays, encoder_name(i), model.encoder[i]);
  append(arrays, kMean, model.mean);
  StringSink params;
  write_ndarray_list(params, arrays);
  Hyperparameters settings;
  settings.encoder_layers_activation = model.activation;
  Json meta = Json::object();
  meta["version"] = 1;
  meta["encoder_layers"] = model.encoder.size();
  meta["encoder_layers_activation"] =
      Hyperparameters::schema().values_of(settings).at("encoder_layers_activation");
  std::filesystem::create_directories(directory);
  write_file_durably(directory / kModelFile,
                     write_zip({{kParams, params.text()}, {kMeta, to_text(meta)}}));
}

TopicModel read_model(const std::filesystem::path& path) {
  const auto members = read_zip(read_model_file(path, kModelFile, "ntm"), kModelFile);
  const Json meta = parse_json(member(members, kMeta), kMeta);
  const std::int64_t layers = require_int(meta, "encoder_layers", kMeta);
  Arrays arrays;
  for (NamedArray& array : read_ndarray_list(member(members, kParams), kParams))
    arrays[array.name] = std::move(array);
  NamedArray projection = take(arrays, kProjection, 2);
  TopicModel model{.words = projection.shape[0],
                   .topics = projection.shape[1],
                   .projection = std::move(projection.values)};
  model.activation = Hyperparameters::schema()
                         .parse({{"feature_dim", "1"},
                                 {"num_topics", "2"},
                                 {"encoder_layers_activation",
                                  require_string(meta, "encoder_layers_activation", kMeta)}})
                         .encoder_layers_activation;
  std::int64_t inputs = model.words;
  for (std::int64_t i = 0; i < layers; ++i) {
    model.encoder.push_back(take_layer(arrays, encoder_name(static_cast<std::size_t>(i)), inputs));
    inputs = model.encoder.back().outputs;
  }
  model.mean = take_layer(arrays, kMean, inputs);
  if (model.words < 1 || layers < 1 || model.mean.outputs != model.topics || model.topics < 1) {
    refuse(kParams, std::to_string(model.mean.outputs) + " topics of the encoder",
           std::to_string(model.topics) + ", the columns of " + kProjection);
  }
  return model;
}

}  // namespace millrace::ntm
