#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/manifest_labels.h"
#include "core/json/json.h"
#include "core/schema/field_spec.h"
#include "trainer/job/job.h"
#include "trainer/job/scorer.h"

namespace millrace {

struct ChannelSpec {
  std::string name;
  bool required = false;
  std::vector<std::string> content_types;
  std::vector<std::string> input_modes;  ///< File, Pipe, FastFile
  std::string doc;
};

/// How the platform finds a figure in the log lines: group 1 of `regex`, searched in each line.
struct MetricSpec {
  std::string name;
  std::string regex;
  bool higher_is_better = false;
  bool tuning_objective = false;
};

/// One built-in algorithm as everybody but tensors sees it. A record of data and one function,
/// without libtorch: the program that holds these starts in milliseconds, refuses bad input at once
/// and loads the tensor half only when there is something to train (trainer/main/tensor_half.h).
struct Algorithm {
  std::string name;
  std::string summary;
  std::vector<std::string>
      image_names;  ///< repository names under which a training image means this algorithm
  std::vector<FieldSpec> hyperparameters;
  std::vector<ChannelSpec> channels;
  std::vector<MetricSpec> metrics;
  bool distributed = false;  ///< trains on more than one instance
  bool uses_gpu = false;     ///< is faster on an instance with GPUs
  std::string instance_notes;

  /// Refuses what can be refused without tensors (hyperparameters, channels, labels) and logs the
  /// configuration.
  void (*check)(Job& job) = nullptr;
  /// What an algorithm does without libtorch, which takes half a second to load: train a job of one
  /// host, and load a model that answers requests. As the functions of its tensor half, which are
  /// called where these are nullptr or there are several hosts.
  void (*train_alone)(Job& job) = nullptr;
  std::unique_ptr<Scorer> (*load)(const std::filesystem::path& model) = nullptr;
};

/// What to measure a saved model on, and what to make of it.
struct EvaluateRequest {
  std::filesystem::path model;                ///< model.tar.gz or the directory it was made of
  std::filesystem::path data;                 ///< the algorithm's test data: a file or a folder
  std::optional<std::filesystem::path> list;  ///< of the images in folder `data`, with their labels
  /// Of an augmented manifest: the image's attribute and the label's, and how the latter lists the
  /// classes of a multi-label image.
  std::vector<std::string> attributes{"source-ref", "class"};
  ClassListForm class_list = ClassListForm::MultiHot;
  std::optional<std::int64_t>
      resize;  ///< shorter edge in pixels before the centre crop, as in training
  std::vector<std::string> class_names;  ///< by class number; empty: numbers are shown
  std::int64_t top_k = 5;
  std::size_t mistakes = 40;                ///< to show, the worst first
  std::optional<double> max_broken_images;  ///< share of the images; else as in training
  std::optional<std::filesystem::path>
      output;  ///< an empty folder for figures, tables and a report
};

/// The tensor half of an algorithm, found by name in the library that holds libtorch.
struct TensorAlgorithm {
  std::string_view name;
  /// Runs to the end of training or until job.stop(); the model is in job.model_directory() when it
  /// returns.
  void (*train)(Job& job) = nullptr;
  /// Figures as JSON; also files when asked. nullptr where there is no such command for it.
  Json (*evaluate)(const EvaluateRequest& request) = nullptr;
  /// A trained model that answers requests: from model.tar.gz or the directory it was made of.
  /// nullptr where the algorithm has no scoring yet. Throws Error(Customer) naming what is missing
  /// or damaged.
  std::unique_ptr<Scorer> (*load)(const std::filesystem::path& model) = nullptr;
};

/// Every algorithm of this build, in the order of trainer/algorithms/CMakeLists.txt, which
/// generates the table.
std::span<const Algorithm* const> all_algorithms();
/// Their tensor halves; linked only where libtorch is.
std::span<const TensorAlgorithm* const> all_tensor_algorithms();

/// The algorithm of this name or image name. Throws Error(Customer) with those there are.
const Algorithm& find_algorithm(std::span<const Algorithm* const> algorithms,
                                std::string_view name);

/// What `millrace-trainer describe` prints. The daemon reads it at start, validates
/// CreateTrainingJob with it and fills MetricDefinitions from it, so members are added and never
/// renamed:
///
/// {"schema_version": 1, "algorithms": [{
///   "name": "image-classification", "summary": "...", "image_names": ["image-classification"],
///   "hyperparameters": [<core/schema/field_spec.h>],
///   "channels": [{"name", "required", "content_types": [], "input_modes": [], "doc"}],
///   "metrics": [{"name", "regex", "higher_is_better", "tuning_objective"}],
///   "supported_input_modes": [], "supported_content_types": [],
///   "distributed": false, "uses_gpu": false, "instance_notes": "..."}]}
Json describe_algorithms(std::span<const Algorithm* const> algorithms);

}  // namespace millrace
