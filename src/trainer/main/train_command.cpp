#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/job/algorithm.h"
#include "trainer/job/channel_reporter.h"
#include "trainer/main/commands.h"
#include "trainer/main/model_card.h"
#include "trainer/main/stop_signal.h"
#include "trainer/main/tensor_half.h"

namespace millrace {
namespace {

std::string chosen_algorithm(const Options& options) {
  if (const auto given = options.find("--algorithm"); given != options.end()) return given->second;
  const char* variable = std::getenv("MILLRACE_ALGORITHM");
  return variable == nullptr ? "" : variable;
}

/// What FailureReason shows: the platform reads the word in front as whose fault it is.
void write_failure(const ContractPaths& paths, Blame blame, const std::string& message) {
  const std::string text = (blame == Blame::Customer ? "ClientError: " : "") + message;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::error_code ignored;
  std::filesystem::create_directories(paths.output(), ignored);
  write_file_durably(paths.failure(), text);
}

}  // namespace

const CommandSpec& train_command() {
  static const CommandSpec command{
      .name = "train",
      .summary =
          "Trains a built-in algorithm on what lies below /opt/ml, as a SageMaker training "
          "container does, and leaves the\n"
          "model in /opt/ml/model. SIGTERM ends the training early with a usable model.",
      .example =
          "MILLRACE_ALGORITHM=image-classification millrace-trainer train\n"
          "millrace-trainer train --base /tmp/job --algorithm image-classification",
      .options = {
          {.name = "--base", .value = "DIR", .doc = "Stands for /opt/ml.", .required = false},
          {.name = "--algorithm",
           .value = "NAME",
           .doc = "Instead of the variable MILLRACE_ALGORITHM.",
           .required = false}}};
  return command;
}

int train(const Options& options) {
  const StopSignal stop;
  ContractPaths paths;
  if (const auto base = options.find("--base"); base != options.end()) paths.base = base->second;
  try {
    Job job(paths, stop.token());
    const ChannelReporter reporter(job);
    const Algorithm& algorithm = find_algorithm(all_algorithms(), chosen_algorithm(options));
    algorithm.check(job);
    std::filesystem::create_directories(job.model_directory());
    const bool alone = algorithm.train_alone != nullptr && job.resources().hosts.size() < 2;
    (alone ? algorithm.train_alone : load_tensor_half(algorithm.name).train)(job);
    write_model_card(job.model_directory(), algorithm.name);
    return EXIT_SUCCESS;
  } catch (const Error& error) {
    write_failure(paths, error.blame(), error.what());
  } catch (const std::exception& error) {
    write_failure(paths, Blame::Algorithm, error.what());
  }
  return EXIT_FAILURE;
}

}  // namespace millrace
