#include "trainer/algorithms/image_classification/checkpoint.h"

#include <algorithm>

#include "core/io/file.h"
#include "core/io/zip_archive.h"

namespace millrace::image_classification {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "image-classification.checkpoint";
constexpr const char* kState = "state.json";
constexpr const char* kWeights = "weights.params";
constexpr const char* kMoments = "moments.params";
/// Weights and adam's two moments of the largest network, with a very wide last layer.
constexpr std::size_t kMaxBytes = std::size_t{12} << 30;

std::string packed(const std::vector<NamedArray>& arrays) {
  StringSink sink;
  write_ndarray_list(sink, arrays);
  return sink.text();
}

}  // namespace

Json checkpoint_settings(const Hyperparameters& h) {
  Json settings = Json::object();
  for (const auto& [name, value] : Hyperparameters::schema().values_of(h)) {
    if (name != "epochs" && name != "checkpoint_frequency" && name != "max_broken_images" &&
        !name.starts_with("early_stopping"))
      settings[name] = value;
  }
  return settings;
}

void write_checkpoint(const fs::path& directory, const fs::path& model_directory,
                      const Checkpoint& checkpoint) {
  // Before the checkpoint, which names them.
  for (const std::string& name : checkpoint.saved) {
    if (!fs::exists(directory / name))
      write_file_durably(directory / name, read_file(model_directory / name, kMaxBytes));
  }
  Json state{{"settings", checkpoint.settings},
             {"epochs", checkpoint.progress.epochs},
             {"updates", checkpoint.progress.updates},
             {"optimizer_updates", checkpoint.optimizer_updates},
             {"early_best", checkpoint.early_best},
             {"without_improvement", checkpoint.without_improvement},
             {"saved", checkpoint.saved}};
  if (checkpoint.best) state["best"] = *checkpoint.best;
  write_file_durably(directory / kFile, write_zip({{kState, to_text(state)},
                                                   {kWeights, packed(checkpoint.weights)},
                                                   {kMoments, packed(checkpoint.moments)}}));
  // Those that are no longer part of the model.
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".params" &&
        std::find(checkpoint.saved.begin(), checkpoint.saved.end(), name) == checkpoint.saved.end())
      fs::remove(entry.path());
  }
}

std::optional<Checkpoint> read_checkpoint(const fs::path& directory,
                                          const fs::path& model_directory) {
  if (!fs::exists(directory / kFile)) return std::nullopt;
  auto members = read_zip(read_file(directory / kFile, kMaxBytes), kFile);
  const Json state = parse_json(members[kState], kFile);
  Checkpoint checkpoint{
      .settings = state.value("settings", Json()),
      .progress = {.epochs = require_int(state, "epochs", kFile),
                   .updates = require_int(state, "updates", kFile)},
      .optimizer_updates = require_int(state, "optimizer_updates", kFile),
      .best = state.contains("best") ? std::optional(state["best"].get<double>()) : std::nullopt,
      .early_best = state.value("early_best", 0.0),
      .without_improvement = require_int(state, "without_improvement", kFile),
      .saved = {},
      .weights = read_ndarray_list(members[kWeights], kWeights),
      .moments = read_ndarray_list(members[kMoments], kMoments)};
  for (const Json& name : state.value("saved", Json::array())) {
    const fs::path file = directory / fs::path(name.get<std::string>()).filename();
    // The copy to S3 may have been interrupted between the checkpoint and a file that it names.
    if (!fs::exists(file)) continue;
    write_file_durably(model_directory / file.filename(), read_file(file, kMaxBytes));
    checkpoint.saved.push_back(file.filename().string());
  }
  return checkpoint;
}

}  // namespace millrace::image_classification
