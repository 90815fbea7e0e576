#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/image_name.h"
#include "platform/records/database.h"

namespace millrace::catalog {

/// A program on this machine that jobs may name as their image.
struct ExecutableImage {
  std::vector<std::string> command;  ///< program and leading arguments; the job's own follow
  std::vector<std::string> read_only_binds;  ///< host paths it needs
};

/// What the operator has registered, and the list of all that TrainingImage may name.
///
///     images.add_executable("churn", {"/opt/churn/train"}, {"/opt/churn"});
///     images.find(parse_image_name("registry.local/churn:3"));
class Images {
 public:
  /// Both must outlive this.
  Images(records::Database& database, const Algorithms& algorithms)
      : database_(database), algorithms_(algorithms) {}

  /// `name` is a repository with or without a tag; without one it answers for every tag. Replaces
  /// an earlier registration. Throws Error(Customer, ValidationException) for a program that is not
  /// an absolute path and for the name of a built-in algorithm.
  void add_executable(const std::string& name, const std::vector<std::string>& command,
                      const std::vector<std::string>& read_only_binds);
  /// The registration for "repository:tag", else for "repository".
  [[nodiscard]] std::optional<ExecutableImage> find(const ImageName& image) const;
  /// Every repository a job could name, for suggestions.
  [[nodiscard]] std::vector<std::string> repositories() const;

  wire::control::RegisterImageResponse register_image(
      const wire::control::RegisterImageRequest& request, const aws::Caller& caller);
  wire::control::ListImagesResponse list_images(const wire::control::ListImagesRequest& request,
                                                const aws::Caller& caller);

 private:
  records::Database& database_;
  const Algorithms& algorithms_;
};

}  // namespace millrace::catalog
