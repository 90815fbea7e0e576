#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "trainer/job/algorithm.h"
#include "trainer/main/commands.h"
#include "trainer/main/tensor_half.h"

namespace millrace {
namespace {

std::vector<std::string> read_class_names(const std::string& path) {
  std::vector<std::string> names;
  const std::string text = read_file(path);
  for (const std::string_view line : split(text, '\n')) {
    if (!trim(line).empty()) names.emplace_back(trim(line));
  }
  return names;
}

void print_table(const Json& figures) {
  std::printf("accuracy %.4f on %lld images\n\n", figures["accuracy"].get<double>(),
              figures["images"].get<long long>());
  std::printf("%-20s %9s %9s %9s %8s\n", "class", "precision", "recall", "f1", "images");
  for (const Json& row : figures["classes"]) {
    std::printf("%-20s %9.4f %9.4f %9.4f %8lld\n", row["name"].get<std::string>().c_str(),
                row["precision"].get<double>(), row["recall"].get<double>(),
                row["f1"].get<double>(), row["images"].get<long long>());
  }
}

}  // namespace

const CommandSpec& evaluate_command() {
  static const CommandSpec command{
      .name = "evaluate",
      .summary =
          "Measures an image-classification model on labelled images it has not seen: accuracy, "
          "precision and recall of\n"
          "each class, and on request a page with the confusion matrix and the worst mistakes as "
          "pictures.",
      .example =
          "millrace-trainer evaluate --model model.tar.gz --data test.rec --classes classes.txt "
          "--report report.png",
      .options = {{.name = "--model",
                   .value = "PATH",
                   .doc = "model.tar.gz, or the directory it was made of.",
                   .required = true},
                  {.name = "--data",
                   .value = "FILE",
                   .doc = "RecordIO of labelled images.",
                   .required = true},
                  {.name = "--classes",
                   .value = "FILE",
                   .doc = "Class names, one a line, in the order of the labels.",
                   .required = false},
                  {.name = "--resize",
                   .value = "PIXELS",
                   .doc = "Shorter edge before the centre crop, as in training.",
                   .required = false},
                  {.name = "--report",
                   .value = "FILE",
                   .doc = "Where to draw the page, a PNG.",
                   .required = false},
                  {.name = "--json",
                   .value = "FILE",
                   .doc = "Where to write the figures.",
                   .required = false}}};
  return command;
}

int evaluate(const Options& options) {
  EvaluateRequest request;
  request.model = options.at("--model");
  request.data = options.at("--data");
  if (const auto path = options.find("--classes"); path != options.end())
    request.class_names = read_class_names(path->second);
  if (const auto path = options.find("--report"); path != options.end())
    request.report_png = path->second;
  if (const auto text = options.find("--resize"); text != options.end()) {
    const auto pixels = parse_int(text->second);
    if (!pixels || *pixels < 1) {
      throw Error(Blame::Customer, Problem{.where = "--resize",
                                           .given = text->second,
                                           .expected = "a whole number of at least 1",
                                           .fix = {}});
    }
    request.resize = *pixels;
  }
  const Json figures = load_tensor_half("image-classification").evaluate(request);
  print_table(figures);
  if (const auto path = options.find("--json"); path != options.end())
    write_file_durably(path->second, figures.dump(2) + "\n");
  return EXIT_SUCCESS;
}

}  // namespace millrace
