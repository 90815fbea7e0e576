#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/catalog/algorithms.h"
#include "platform/catalog/image_name.h"
#include "platform/catalog/images.h"

namespace millrace::catalog {

/// What the sandbox of a job or of a model's server runs.
struct Program {
  std::vector<std::string> command;
  std::vector<std::string> read_only_binds;        ///< host paths it needs
  std::map<std::string, std::string> environment;  ///< besides what every program gets
};

/// How a request asks for an image to be run.
struct ProgramOrder {
  std::string verb;  ///< "train", "serve": the argument where the request gives none
  std::optional<std::vector<std::string>> entrypoint{};  ///< instead of the image's own
  std::optional<std::vector<std::string>> arguments{};   ///< instead of the verb
};

/// From the name of an image to what runs on this machine.
///
///     programs.find(parse_image_name("kmeans:1"), {.verb = "serve"});
class Programs {
 public:
  /// Algorithms and images must outlive this. `trainer` is millrace-trainer, an absolute path;
  /// empty when there is none, and then there are no built-in algorithms.
  Programs(const Algorithms& algorithms, const Images& images, std::filesystem::path trainer)
      : algorithms_(algorithms), images_(images), trainer_(std::move(trainer)) {}

  /// nullopt when there is no such image (any more). Entry point and arguments are ignored for a
  /// built-in algorithm: requests that name them are refused earlier.
  [[nodiscard]] std::optional<Program> find(const ImageName& image,
                                            const ProgramOrder& order) const;

 private:
  const Algorithms& algorithms_;
  const Images& images_;
  const std::filesystem::path trainer_;
};

}  // namespace millrace::catalog
