#include "trainer/algorithms/image_classification/evaluation_data.h"

#include <algorithm>

#include "core/base/refuse.h"
#include "core/data/augmented_manifest.h"
#include "core/data/content_types.h"
#include "trainer/vision/class_folders.h"
#include "trainer/vision/class_label.h"
#include "trainer/vision/image_records.h"
#include "trainer/vision/listed_images.h"
#include "trainer/vision/manifest_images.h"

namespace millrace::image_classification {
namespace {

namespace fs = std::filesystem;

std::vector<ImageRecords::File> records_below(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".rec")
      paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<ImageRecords::File> files;
  for (const fs::path& path : paths)
    files.push_back({.path = path, .name = path.lexically_relative(folder).string()});
  return files;
}

std::unique_ptr<ImageSet> open_manifest(const EvaluateRequest& request, std::int64_t classes,
                                        Labels labels) {
  check_image_and_label(request.attributes, "--attributes");
  return std::make_unique<ManifestImages>(request.data, request.attributes,
                                          AttributeLabels{.classes = classes,
                                                          .multi_label = labels == Labels::Several,
                                                          .class_list = request.class_list});
}

std::unique_ptr<ImageSet> open_file(const EvaluateRequest& request, std::int64_t classes,
                                    Labels labels) {
  const std::string name = request.data.filename().string();
  const FormatNames* const format = format_of_file(name);
  if (format != nullptr && format->format == DataFormat::AugmentedManifest)
    return open_manifest(request, classes, labels);
  // What is plainly something else is told before its bytes are taken for broken records.
  if (format != nullptr && format->format != DataFormat::RecordIo) {
    refuse("--data", name, "a .rec or .manifest file, or a folder of images or .rec files",
           "Name images by a list with --list, or put them into a folder for each class.");
  }
  return std::make_unique<ImageRecords>(
      std::vector<ImageRecords::File>{{.path = request.data, .name = name}},
      labels == Labels::Several ? classes : 0);
}

std::string name_of_folder(const fs::path& folder) {
  return "folder '" + folder.filename().string() + "'";
}

std::unique_ptr<ImageSet> open_listed(const fs::path& folder, const fs::path& list,
                                      std::int64_t target_classes) {
  return std::make_unique<ListedImages>(ListedImages::Place{.directory = folder,
                                                            .name = name_of_folder(folder),
                                                            .list = list,
                                                            .list_name = list.filename().string(),
                                                            .paths_begin = "the folder"},
                                        target_classes);
}

EvaluationData open_folders(const EvaluateRequest& request, std::int64_t classes) {
  auto folders = std::make_unique<ClassFolders>(request.data, request.class_names);
  std::vector<std::string> names = folders->class_names();
  if (static_cast<std::int64_t>(names.size()) != classes && request.class_names.empty()) {
    refuse(request.data.string(), std::to_string(names.size()) + " folders of images",
           "one for each of the model's " + std::to_string(classes) + " classes",
           "Name the classes with --classes: then folders are told by their names.");
  }
  return {.images = std::move(folders),
          .class_names = std::move(names),
          .place = name_of_folder(request.data)};
}

EvaluationData open_form(const EvaluateRequest& request, std::int64_t classes, Labels labels) {
  const std::int64_t target_classes = labels == Labels::Several ? classes : 0;
  if (!fs::exists(request.data))
    refuse("--data " + request.data.string(), "nothing", "a file or folder that is there",
           "Check the path.");
  if (!fs::is_directory(request.data)) {
    if (request.list) {
      refuse("--list", request.list->string(), "no list, because --data is a file",
             "Let --data name the folder of the images.");
    }
    return {.images = open_file(request, classes, labels),
            .class_names = request.class_names,
            .place = request.data.filename().string()};
  }
  if (request.list)
    return {.images = open_listed(request.data, *request.list, target_classes),
            .class_names = request.class_names,
            .place = name_of_folder(request.data)};
  const std::vector<ImageRecords::File> records = records_below(request.data);
  if (!records.empty()) {
    return {.images = std::make_unique<ImageRecords>(records, target_classes),
            .class_names = request.class_names,
            .place = name_of_folder(request.data)};
  }
  if (labels == Labels::Several) {
    refuse("--data", request.data.string(), "RecordIO, or images with a --list",
           "A folder for each class gives an image one label; this model has several per image.");
  }
  return open_folders(request, classes);
}

}  // namespace

EvaluationData open_evaluation_data(const EvaluateRequest& request, std::int64_t classes,
                                    Labels labels) {
  const auto given = static_cast<std::int64_t>(request.class_names.size());
  if (given != 0 && given != classes) {
    refuse("--classes", std::to_string(given) + " names",
           "one for each of the model's " + std::to_string(classes) + " classes",
           "Write one name a line, in the order of the labels.");
  }
  EvaluationData data = open_form(request, classes, labels);
  if (labels == Labels::One) check_labels(*data.images, classes);
  return data;
}

}  // namespace millrace::image_classification
