#include "platform/catalog/framework_images.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <system_error>
#include <utility>

namespace millrace::catalog {
namespace {

/// Debian's, whose packages (python3-torch, python3-sklearn) every sandbox sees below /usr.
constexpr const char* kInterpreter = "/usr/bin/python3";

const Framework kPyTorch{
    .name = "pytorch", .summary = "PyTorch scripts on this machine's Python", .modules = {"torch"}};
const Framework kScikitLearn{.name = "scikit-learn",
                             .summary = "scikit-learn scripts on this machine's Python",
                             .modules = {"sklearn"}};
const Framework kXgboost{.name = "xgboost",
                         .summary = "XGBoost scripts on this machine's Python",
                         .modules = {"xgboost"}};
const Framework kHuggingFace{.name = "huggingface",
                             .summary = "Hugging Face scripts on this machine's Python",
                             .modules = {"torch", "transformers"}};
const Framework kPython{
    .name = "python", .summary = "scripts on this machine's Python", .modules = {}};

struct Repository {
  std::string_view name;
  const Framework* framework;
};

const std::array kRepositories = {
    Repository{"pytorch-training", &kPyTorch},
    Repository{"pytorch-inference", &kPyTorch},
    Repository{"pytorch-inference-graviton", &kPyTorch},
    Repository{"sagemaker-pytorch", &kPyTorch},
    Repository{"sagemaker-scikit-learn", &kScikitLearn},
    Repository{"sagemaker-xgboost", &kXgboost},
    Repository{"huggingface-pytorch-training", &kHuggingFace},
    Repository{"huggingface-pytorch-inference", &kHuggingFace},
    Repository{"python", &kPython},
};

/// Beginnings of the other repositories of framework containers that the public SDK resolves.
constexpr std::array<std::string_view, 12> kRefused = {"autogluon-",
                                                       "djl-",
                                                       "huggingface-",
                                                       "mxnet-",
                                                       "pytorch-",
                                                       "sagemaker-chainer",
                                                       "sagemaker-mxnet",
                                                       "sagemaker-rl-",
                                                       "sagemaker-sparkml-",
                                                       "sagemaker-spark-",
                                                       "sagemaker-tensorflow",
                                                       "tensorflow-"};

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words)
    text += (text.empty() ? "" : " and ") + std::string(word);
  return text;
}

bool is_system(const std::filesystem::path& path) {
  return path.string().starts_with("/usr/");
}

}  // namespace

const Framework* FrameworkImages::find(const ImageName& image) {
  const auto found = std::find_if(kRepositories.begin(), kRepositories.end(),
                                  [&](const auto& each) { return each.name == image.repository; });
  return found == kRepositories.end() ? nullptr : found->framework;
}

bool FrameworkImages::is_refused(const ImageName& image) {
  return find(image) == nullptr &&
         std::any_of(kRefused.begin(), kRefused.end(), [&](std::string_view beginning) {
           return image.repository.starts_with(beginning);
         });
}

std::vector<std::pair<std::string, const Framework*>> FrameworkImages::all() {
  std::vector<std::pair<std::string, const Framework*>> repositories;
  for (const Repository& each : kRepositories) repositories.emplace_back(each.name, each.framework);
  return repositories;
}

bool FrameworkImages::has_all(const std::vector<std::string_view>& modules) const {
  const auto all_in = [&](const std::set<std::string>& found) {
    return std::all_of(modules.begin(), modules.end(), [&](std::string_view module) {
      return found.contains(std::string(module));
    });
  };
  if (found_.with(all_in)) return true;
  // Asked again each time: an operator who is told what is missing installs it. It takes a process,
  // for which nobody else has to wait.
  const std::set<std::string> found = toolkit_.modules();
  found_.with([&](std::set<std::string>& known) { known = found; });
  return all_in(found);
}

void FrameworkImages::check(const Framework& framework, const std::string& where,
                            const std::string& image) const {
  const auto refuse = [&](std::string expected, std::string fix) {
    throw Error(Blame::Customer, "ValidationException",
                describe(Problem{.where = where,
                                 .given = image,
                                 .expected = std::move(expected),
                                 .fix = std::move(fix)}));
  };
  if (toolkit_.launcher.empty()) {
    refuse(
        "an image that this installation can run",
        "The toolkit that runs scripts is not installed beside millrace (lib/millrace/toolkit).");
  }
  if (has_all(framework.modules)) return;
  refuse("a framework that this machine's Python has",
         "Install " + joined(framework.modules) + " for " + kInterpreter +
             ": framework images run on this machine's own interpreter.");
}

Program FrameworkImages::program(const Framework& framework, const ImageName& image,
                                 const ProgramOrder& order) const {
  const std::filesystem::path folder = toolkit_.launcher.parent_path();
  Program program{.command = order.entrypoint.value_or(
                      std::vector<std::string>{kInterpreter, toolkit_.launcher.string()}),
                  .read_only_binds = {},
                  .environment = {{"MILLRACE_FRAMEWORK", std::string(framework.name)},
                                  {"MILLRACE_IMAGE",
                                   image.repository + (image.tag.empty() ? "" : ":" + image.tag)},
                                  {"PYTHONPATH", folder.string()},
                                  // Lines are to appear while the script runs.
                                  {"PYTHONUNBUFFERED", "1"}}};
  const std::vector<std::string> arguments =
      order.arguments.value_or(std::vector<std::string>{order.verb});
  program.command.insert(program.command.end(), arguments.begin(), arguments.end());
  if (!is_system(folder)) program.read_only_binds.push_back(folder.string());
  if (toolkit_.wheels.empty()) return program;
  // Told even where it does not exist yet: a job that misses a wheel says where to put it.
  program.environment.emplace("MILLRACE_WHEELS", toolkit_.wheels.string());
  std::error_code failure;
  if (!is_system(toolkit_.wheels) && std::filesystem::is_directory(toolkit_.wheels, failure))
    program.read_only_binds.push_back(toolkit_.wheels.string());
  return program;
}

}  // namespace millrace::catalog
