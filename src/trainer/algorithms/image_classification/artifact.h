#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/data/ndarray_list.h"
#include "trainer/algorithms/image_classification/graph.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"

namespace millrace::image_classification {

/// How far a job has come.
struct Progress {
  std::int64_t epochs = 0;   ///< that were trained to their end
  std::int64_t updates = 0;  ///< of the weights in them, which decide the learning rate
};

/// A trained model as its artifact holds it: MXNet's symbol, one NDArray list and the input's
/// shape.
struct SavedModel {
  Graph graph;
  ImageShape input;
  std::vector<NamedArray> arrays;    ///< "arg:<name>" and "aux:<name>"
  std::string file;                  ///< the .params file they came from
  std::optional<Progress> progress;  ///< of a job that was stopped before its last epoch
};

/// Writes `<prefix>-progress.json`, by which a further job goes on where a stopped one ended.
void write_progress(const std::filesystem::path& directory, const std::string& prefix,
                    const Progress& progress);

/// `<prefix>-0007.params` for the 7th epoch, counted from 1.
std::string params_file_name(const std::string& prefix, std::int64_t epoch);

/// Writes `<prefix>-symbol.json` and `model-shapes.json`, which do not change during training.
void write_network(const std::filesystem::path& directory, const std::string& prefix,
                   const Graph& graph, const ImageShape& input);
/// Replaces the file as a whole, so that a job killed at any moment leaves only complete models.
void write_arrays(const std::filesystem::path& file, const std::vector<NamedArray>& arrays);
/// Throws what read_ndarray_list() throws, with the file's name, and Error(Customer) for a file that
/// no network of this algorithm has.
std::vector<NamedArray> read_arrays(const std::filesystem::path& file);

/// From `model.tar.gz` (or an unpacked .tar) or the directory it was made of; of several .params
/// files the one of the latest epoch. Throws Error(Customer) naming what is missing or damaged.
SavedModel read_model(const std::filesystem::path& path);

}  // namespace millrace::image_classification
