#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "platform/catalog/algorithms.h"
#include "platform/catalog/framework_images.h"
#include "platform/catalog/image_name.h"
#include "platform/catalog/images.h"
#include "platform/catalog/program.h"

namespace millrace::catalog {

/// From the name of an image to what runs on this machine: built-in algorithms first, then what the
/// operator has registered, then framework images.
///
///     programs.check("PrimaryContainer.Image", image);
///     programs.find(parse_image_name("kmeans:1"), {.verb = "serve"});
class Programs {
 public:
  /// All must outlive this. `trainer` is millrace-trainer, an absolute path; empty when there is
  /// none, and then there are no built-in algorithms.
  Programs(const Algorithms& algorithms, const Images& images, std::filesystem::path trainer,
           const FrameworkImages& frameworks)
      : algorithms_(algorithms),
        images_(images),
        trainer_(std::move(trainer)),
        frameworks_(frameworks) {}

  /// Throws Error(Customer, ValidationException) when there is no such image, or this machine
  /// cannot run it, naming the request's member `where`.
  void check(const std::string& where, const std::string& image) const;

  /// The framework whose scripts the image runs; nullptr for built-in algorithms and for programs
  /// that the operator has registered, whatever their name.
  [[nodiscard]] const Framework* framework(const ImageName& image) const;

  /// Whether the name is a built-in algorithm's.
  [[nodiscard]] bool is_built_in(const ImageName& image) const {
    return algorithms_.find(image) != nullptr;
  }

  /// nullopt when there is no such image (any more). Entry point and arguments are ignored for a
  /// built-in algorithm: requests that name them are refused earlier.
  [[nodiscard]] std::optional<Program> find(const ImageName& image,
                                            const ProgramOrder& order) const;

 private:
  const Algorithms& algorithms_;
  const Images& images_;
  const std::filesystem::path trainer_;
  const FrameworkImages& frameworks_;
};

}  // namespace millrace::catalog
