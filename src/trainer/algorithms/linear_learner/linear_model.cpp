#include "trainer/algorithms/linear_learner/linear_model.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"
#include "core/json/json.h"
#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/tabular/model_files.h"

namespace millrace::linear_learner {
namespace {

constexpr const char* kSymbol = "mx-mod-symbol.json";
constexpr const char* kParams = "mx-mod-0000.params";
constexpr const char* kAdditional = "additional-params.json";
constexpr const char* kWeight = "arg:fc0_weight";
constexpr const char* kBias = "arg:fc0_bias";

/// Sums of a row's products that are kept apart, so that they do not wait for each other.
constexpr std::size_t kLanes = 16;

float dot(const float* a, const float* b, std::size_t count) {
  float sums[kLanes] = {};
  std::size_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[at + lane] * b[at + lane];
  }
  for (; at < count; ++at) sums[0] += a[at] * b[at];
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

/// One fully connected layer and the output that names the label, as MXNet 1.x writes a symbol.
Json symbol(const LinearModel& model) {
  const bool softmax = model.loss == Loss::Softmax, logistic = model.loss == Loss::Logistic;
  const std::string output = softmax    ? "SoftmaxOutput"
                             : logistic ? "LogisticRegressionOutput"
                                        : "LinearRegressionOutput";
  const auto null_node = [](const char* name) {
    return Json{{"op", "null"}, {"name", name}, {"inputs", Json::array()}};
  };
  const auto input = [](int node) { return Json::array({node, 0, 0}); };
  Json json = Json::object();
  json["nodes"] = Json::array(
      {null_node("data"), null_node("fc0_weight"), null_node("fc0_bias"),
       Json{{"op", "FullyConnected"},
            {"name", "fc0"},
            {"attrs", Json{{"num_hidden", std::to_string(model.outputs)}}},
            {"inputs", Json::array({input(0), input(1), input(2)})}},
       null_node("out_label"),
       Json{{"op", output}, {"name", "out"}, {"inputs", Json::array({input(3), input(4)})}}});
  json["arg_nodes"] = Json::array({0, 1, 2, 4});
  json["node_row_ptr"] = Json::array({0, 1, 2, 3, 4, 5, 6});
  json["heads"] = Json::array({input(5)});
  json["attrs"] = Json{{"mxnet_version", Json::array({"int", 10300})}};
  return json;
}

[[noreturn]] void refuse(std::string_view what, std::string given, std::string expected) {
  throw Error(Blame::Customer, Problem{.where = std::string(kModelFile) + ", " + std::string(what),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = "Use the model.tar.gz of a linear-learner job."});
}

const std::string& member(const std::map<std::string, std::string>& members, const char* name) {
  const auto found = members.find(name);
  if (found == members.end()) refuse(name, {}, "this member");
  return found->second;
}

}  // namespace

std::vector<float> LinearModel::raw_scores(const TabularBatch& rows) const {
  MILLRACE_CHECK(rows.columns() == features);
  const auto width = static_cast<std::size_t>(features), wide = static_cast<std::size_t>(outputs);
  std::vector<float> scores(static_cast<std::size_t>(rows.rows()) * wide);
  float* out = scores.data();
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    for (std::size_t output = 0; output < wide; ++output) {
      const float* const w = weights.data() + output * width;
      float score = biases[output];
      if (!rows.is_sparse) {
        score += dot(rows.dense.features.data() + static_cast<std::size_t>(row) * width, w, width);
      } else {
        const auto begin =
            static_cast<std::size_t>(rows.sparse.row_starts[static_cast<std::size_t>(row)]);
        const auto end =
            static_cast<std::size_t>(rows.sparse.row_starts[static_cast<std::size_t>(row) + 1]);
        for (std::size_t i = begin; i < end; ++i)
          score += rows.sparse.values[i] * w[static_cast<std::size_t>(rows.sparse.indices[i])];
      }
      *out++ = score;
    }
  }
  return scores;
}

void answer_scores(Loss loss, std::int64_t outputs, std::span<float> scores) {
  if (loss == Loss::Logistic) {
    for (float& score : scores) score = 1 / (1 + std::exp(-score));
  }
  if (loss != Loss::Softmax) return;
  const auto wide = static_cast<std::size_t>(outputs);
  for (std::size_t at = 0; at < scores.size(); at += wide) {
    const std::span<float> row = scores.subspan(at, wide);
    const float top = *std::max_element(row.begin(), row.end());
    float sum = 0;
    for (float& score : row) sum += score = std::exp(score - top);
    for (float& score : row) score /= sum;
  }
}

std::int64_t predicted_class(std::span<const float> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

void write_model(const std::filesystem::path& directory, const LinearModel& model) {
  StringSink params;
  write_ndarray_list(
      params, {{.name = kWeight, .shape = {model.outputs, model.features}, .values = model.weights},
               {.name = kBias, .shape = {model.outputs}, .values = model.biases}});
  const Schema<Hyperparameters>& schema = Hyperparameters::schema();
  Hyperparameters kinds;
  kinds.predictor_type = model.predictor;
  kinds.loss = model.loss;
  const auto texts = schema.values_of(kinds);
  Json additional = Json::object();
  additional["version"] = 1;
  additional["predictor_type"] = texts.at("predictor_type");
  additional["loss"] = texts.at("loss");
  additional["threshold"] = model.threshold;
  std::filesystem::create_directories(directory);
  write_file_durably(directory / kModelFile, write_zip({{kSymbol, symbol(model).dump(2)},
                                                        {kParams, params.text()},
                                                        {kAdditional, to_text(additional)}}));
}

LinearModel read_model(const std::filesystem::path& path) {
  const auto members = read_zip(read_model_file(path, kModelFile, "linear-learner"), kModelFile);
  const Json additional = parse_json(member(members, kAdditional), kAdditional);
  const Hyperparameters kinds = Hyperparameters::schema().parse(
      {{"predictor_type", require_string(additional, "predictor_type", kAdditional)},
       {"num_classes", "3"},
       {"loss", require_string(additional, "loss", kAdditional)}});
  LinearModel model;
  model.predictor = kinds.predictor_type;
  model.loss = kinds.effective_loss();
  const Json& threshold = require(additional, "threshold", kAdditional);
  if (!threshold.is_number()) refuse(kAdditional, to_text(threshold), "a threshold");
  model.threshold = threshold.get<double>();
  for (NamedArray& array : read_ndarray_list(member(members, kParams), kParams)) {
    if (array.name == kWeight && array.shape.size() == 2) {
      model.outputs = array.shape[0];
      model.features = array.shape[1];
      model.weights = std::move(array.values);
    } else if (array.name == kBias) {
      model.biases = std::move(array.values);
    }
  }
  if (model.features < 1 || model.outputs < 1 ||
      static_cast<std::int64_t>(model.biases.size()) != model.outputs) {
    refuse(kParams, std::to_string(model.biases.size()) + " biases",
           std::string(kWeight) + " and as many values of " + kBias + " as it has rows");
  }
  return model;
}

}  // namespace millrace::linear_learner
