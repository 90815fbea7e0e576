#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "trainer/job/algorithm.h"
#include "trainer/main/commands.h"
#include "trainer/main/evaluation_table.h"
#include "trainer/main/tensor_half.h"

namespace millrace {
namespace {

constexpr const char* kFigures = "evaluation.json";
/// Pictures of mistakes, a quarter of a megabyte each, are held until the page is whole.
constexpr std::int64_t kMaxMistakes = 1000;

std::vector<std::string> read_class_names(const std::string& path) {
  std::vector<std::string> names;
  const std::string text = read_file(path);
  for (const std::string_view line : split(text, '\n')) {
    if (!trim(line).empty()) names.emplace_back(trim(line));
  }
  if (!names.empty()) return names;
  throw Error(Blame::Customer, Problem{.where = "--classes " + path,
                                       .given = "no name",
                                       .expected = "a file of class names, one a line",
                                       .fix = {}});
}

/// nullopt where the option is not given.
std::optional<std::int64_t> whole_number(
    const Options& options, const char* name, std::int64_t least,
    std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  const auto text = options.find(name);
  if (text == options.end()) return std::nullopt;
  const auto value = parse_int(text->second);
  if (value && *value >= least && *value <= most) return value;
  const bool open = most == std::numeric_limits<std::int64_t>::max();
  throw Error(Blame::Customer,
              Problem{.where = name,
                      .given = text->second,
                      .expected = open ? "a whole number of at least " + std::to_string(least)
                                       : "a whole number from " + std::to_string(least) + " to " +
                                             std::to_string(most),
                      .fix = {}});
}

/// nullopt where the option is not given.
std::optional<double> share(const Options& options, const char* name) {
  const auto text = options.find(name);
  if (text == options.end()) return std::nullopt;
  const auto value = parse_double(text->second);
  if (value && *value >= 0 && *value <= 1) return value;
  throw Error(Blame::Customer, Problem{.where = name,
                                       .given = text->second,
                                       .expected = "a number from 0 to 1, a share of the images",
                                       .fix = {}});
}

std::vector<std::string> attribute_names(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string_view name : split(text, ',')) names.emplace_back(trim(name));
  return names;
}

/// In the words of a channel's ContentType.
ClassListForm class_list_form(const std::string& text) {
  if (text == "multi-hot") return ClassListForm::MultiHot;
  if (text == "class-id") return ClassListForm::ClassId;
  throw Error(Blame::Customer, Problem{.where = "--label-format",
                                       .given = text,
                                       .expected = "multi-hot or class-id",
                                       .fix = {}});
}

/// A folder that holds something else than an evaluation is not to be replaced by one.
void check_replaceable(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder) || std::filesystem::exists(folder / kFigures)) return;
  if (std::filesystem::is_directory(folder) && std::filesystem::is_empty(folder)) return;
  throw Error(Blame::Customer,
              Problem{.where = "--output " + folder.string(),
                      .given = "a folder of something else",
                      .expected = "a folder that is not there, is empty or holds an evaluation",
                      .fix = "Name another folder: this one would be replaced as a whole."});
}

/// "out/" names the folder "out".
std::filesystem::path without_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

EvaluateRequest request_of(const Options& options) {
  EvaluateRequest request;
  request.model = without_slash(options.at("--model"));
  request.data = without_slash(options.at("--data"));
  if (const auto path = options.find("--list"); path != options.end()) request.list = path->second;
  if (const auto path = options.find("--classes"); path != options.end())
    request.class_names = read_class_names(path->second);
  if (const auto text = options.find("--attributes"); text != options.end())
    request.attributes = attribute_names(text->second);
  if (const auto text = options.find("--label-format"); text != options.end())
    request.class_list = class_list_form(text->second);
  request.resize = whole_number(options, "--resize", 1);
  request.top_k = whole_number(options, "--top-k", 1).value_or(request.top_k);
  if (const auto mistakes = whole_number(options, "--mistakes", 0, kMaxMistakes))
    request.mistakes = static_cast<std::size_t>(*mistakes);
  request.max_broken_images = share(options, "--max-broken-images");
  return request;
}

}  // namespace

const CommandSpec& evaluate_command() {
  static const CommandSpec command{
      .name = "evaluate",
      .summary =
          "Measures an image-classification model on labelled images it has not seen: accuracy, "
          "precision and recall of\n"
          "each class, confusion matrix, and on request files with all of it and the worst "
          "mistakes as pictures.",
      .example =
          "millrace-trainer evaluate --model model.tar.gz --data test.rec --classes classes.txt "
          "--output out\n"
          "millrace-trainer evaluate --model model.tar.gz --data val --list val.lst --resize 256\n"
          "millrace-trainer evaluate --model model.tar.gz --data val  # a folder for each class",
      .options = {
          {.name = "--model",
           .value = "PATH",
           .doc = "model.tar.gz, or the directory it was made of.",
           .required = true},
          {.name = "--data",
           .value = "PATH",
           .doc = "RecordIO file; or a folder of them, of images, or of a folder for each "
                  "class; or an augmented\n                        .manifest whose images are "
                  "files below its folder.",
           .required = true},
          {.name = "--list",
           .value = "FILE",
           .doc = "Labels of the images in folder --data: index, class and path, with tabs.",
           .required = false},
          {.name = "--classes",
           .value = "FILE",
           .doc = "Class names, one a line, in the order of the labels.",
           .required = false},
          {.name = "--attributes",
           .value = "IMAGE,LABEL",
           .doc = "Of a manifest: the image's attribute and the label's; source-ref,class.",
           .required = false},
          {.name = "--label-format",
           .value = "FORM",
           .doc = "Of a manifest's labels for a multi-label model: multi-hot (the default) or "
                  "class-id.",
           .required = false},
          {.name = "--resize",
           .value = "PIXELS",
           .doc = "Shorter edge before the centre crop, as in training.",
           .required = false},
          {.name = "--top-k",
           .value = "K",
           .doc = "Also how often the label is among the K likeliest classes; 5.",
           .required = false},
          {.name = "--mistakes",
           .value = "COUNT",
           .doc = "How many of the worst mistakes to show, at most 1000; 40.",
           .required = false},
          {.name = "--max-broken-images",
           .value = "SHARE",
           .doc = "Of the images, which may be broken and are left out; 0.01.",
           .required = false},
          {.name = "--output",
           .value = "FOLDER",
           .doc = "Where to write evaluation.json, confusion.csv, predictions.csv, "
                  "mistakes.png and report.html.",
           .required = false}}};
  return command;
}

int evaluate(const Options& options) {
  EvaluateRequest request = request_of(options);
  std::optional<PartialOutput> output;
  if (const auto path = options.find("--output"); path != options.end()) {
    const std::filesystem::path folder = without_slash(path->second);
    check_replaceable(folder);
    output.emplace(folder);
    request.output = output->path();
    std::filesystem::create_directories(output->path());
  }
  const Json figures = load_tensor_half("image-classification").evaluate(request);
  if (output) output->replace();
  std::fputs(evaluation_table(figures).c_str(), stdout);
  return EXIT_SUCCESS;
}

}  // namespace millrace
