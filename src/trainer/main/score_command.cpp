#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/base/error.h"
#include "core/data/content_types.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "trainer/main/chosen_model.h"
#include "trainer/main/commands.h"

namespace millrace {
namespace {

class StandardOutput final : public ByteSink {
 public:
  void write(std::span<const char> bytes) override { write_all(1, {bytes.data(), bytes.size()}); }
};

std::string content_type_of(const Options& options, const std::string& input) {
  if (const auto given = options.find("--content-type"); given != options.end())
    return given->second;
  const FormatNames* const format = format_of_file(input);
  if (format != nullptr && !format->media_types.empty()) return std::string(format->media_types[0]);
  throw Error(
      Blame::Customer,
      Problem{.where = "--input",
              .given = input,
              .expected = "a file whose name ends in .csv, .pbr, .json, .jsonl, .jpg or .png",
              .fix = "Say what it holds with --content-type, for example text/csv."});
}

/// A file appears whole or not at all; what is none, as /dev/null, is written to as it is.
void write_whole(const std::filesystem::path& target, const std::function<void(ByteSink&)>& write) {
  if (std::filesystem::exists(target) && !std::filesystem::is_regular_file(target)) {
    FdSink other(create_for_writing(target));
    return write(other);
  }
  PartialOutput output(target);
  {
    FdSink file(create_for_writing(output.path()));
    write(file);
  }
  output.commit();
}

}  // namespace

const CommandSpec& score_command() {
  static const CommandSpec command{
      .name = "score",
      .summary =
          "Scores rows or an image with a trained model: reads what an endpoint would be sent and "
          "prints what it would answer.",
      .example =
          "millrace-trainer score --model model.tar.gz --input x.csv\n"
          "millrace-trainer score --model model.tar.gz --input x.csv "
          "--content-type 'text/csv;label_size=1' --accept application/jsonlines\n"
          "millrace-trainer score --model model.tar.gz --input cat.jpg",
      .options = {{.name = "--model",
                   .value = "PATH",
                   .doc = "model.tar.gz, or the directory it was made of.",
                   .required = true},
                  {.name = "--input",
                   .value = "FILE",
                   .doc = "The rows, or one JPEG or PNG image.",
                   .required = true},
                  {.name = "--content-type",
                   .value = "TYPE",
                   .doc = "What the input is; by default what the file's name says.",
                   .required = false},
                  {.name = "--accept",
                   .value = "TYPE",
                   .doc = "What to answer in; by default application/json.",
                   .required = false},
                  {.name = "--output",
                   .value = "FILE",
                   .doc = "Where to write the answer instead of standard output.",
                   .required = false},
                  {.name = "--algorithm",
                   .value = "NAME",
                   .doc = "Of a model that was trained elsewhere.",
                   .required = false}}};
  return command;
}

int score(const Options& options) {
  const std::filesystem::path model = options.at("--model");
  const std::string& input = options.at("--input");
  ScoreRequest request;
  request.content_type = content_type_of(options, input);
  request.origin = std::filesystem::path(input).filename().string();
  if (const auto accept = options.find("--accept"); accept != options.end())
    request.accept = accept->second;

  const std::unique_ptr<Scorer> scorer = load_model(algorithm_of(options, model), model);
  FdSource rows(open_for_reading(input));
  if (const auto output = options.find("--output"); output != options.end()) {
    write_whole(output->second, [&](ByteSink& file) { scorer->answer(request, rows, file); });
  } else {
    StandardOutput standard;
    scorer->answer(request, rows, standard);
    if (request.accept.empty()) std::printf("\n");
  }
  return EXIT_SUCCESS;
}

}  // namespace millrace
