#include "trainer/algorithms/image_classification/checkpoint.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/job/checkpoint_file.h"

namespace millrace::image_classification {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeights = "weights";
constexpr const char* kMoments = "moments";
constexpr const char* kPlace = "image-classification.checkpoint, state.json";
/// Weights of the largest network, with a very wide last layer.
constexpr std::size_t kMaxModelBytes = std::size_t{4} << 30;

[[noreturn]] void refuse(const char* member, const Json& given, std::string expected) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(kPlace) + ": member '" + member + "'",
                      .given = to_text(given),
                      .expected = std::move(expected),
                      .fix = "The checkpoint is damaged: remove it, and training starts anew."});
}

std::int64_t count_of(const Json& state, const char* member) {
  const std::int64_t count = require_int(state, member, kPlace);
  if (count < 0) refuse(member, count, "a whole number of at least 0");
  return count;
}

double number_of(const Json& state, const char* member) {
  const Json& number = require(state, member, kPlace);
  if (!number.is_number()) refuse(member, number, "a number");
  return number.get<double>();
}

/// Names, and no paths.
std::vector<std::string> file_names_of(const Json& state, const char* member) {
  std::vector<std::string> names;
  const Json& list = require(state, member, kPlace);
  const auto is_name = [](const Json& name) {
    return name.is_string() &&
           fs::path(name.get<std::string>()).filename() == name.get<std::string>();
  };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_name))
    refuse(member, list, "a list of file names");
  for (const Json& name : list) names.push_back(name.get<std::string>());
  return names;
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
      write_file_durably(directory / name, read_file(model_directory / name, kMaxModelBytes));
  }
  Json state{{"settings", checkpoint.settings},
             {"epochs", checkpoint.progress.epochs},
             {"updates", checkpoint.progress.updates},
             {"optimizer_updates", checkpoint.optimizer_updates},
             {"early_best", checkpoint.early_best},
             {"without_improvement", checkpoint.without_improvement},
             {"saved", checkpoint.saved}};
  if (checkpoint.best) state["best"] = *checkpoint.best;
  write_checkpoint_file(
      directory, algorithm().name,
      {.state = std::move(state),
       .lists = {{kWeights, checkpoint.weights}, {kMoments, checkpoint.moments}}});
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
  std::optional<CheckpointFile> file = read_checkpoint_file(directory, algorithm().name);
  if (!file) return std::nullopt;
  const Json& state = file->state;
  Checkpoint checkpoint{
      .settings = require(state, "settings", kPlace),
      .progress = {.epochs = count_of(state, "epochs"), .updates = count_of(state, "updates")},
      .optimizer_updates = count_of(state, "optimizer_updates"),
      .best = state.contains("best") ? std::optional(number_of(state, "best")) : std::nullopt,
      .early_best = number_of(state, "early_best"),
      .without_improvement = count_of(state, "without_improvement"),
      .saved = {},
      .weights = std::move(file->lists[kWeights]),
      .moments = std::move(file->lists[kMoments])};
  for (const std::string& name : file_names_of(state, "saved")) {
    // The copy to S3 may have been interrupted between the checkpoint and a file that it names.
    if (!fs::is_regular_file(directory / name)) continue;
    write_file_durably(model_directory / name, read_file(directory / name, kMaxModelBytes));
    checkpoint.saved.push_back(name);
  }
  return checkpoint;
}

}  // namespace millrace::image_classification
