#pragma once

#include <string>
#include <vector>

#include "generated/aws/ecr/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/images.h"

namespace millrace::ecr {

/// Registered container images as ECR shows them: the part of a name before the tag is a
/// repository, in the registry of whatever account a request names, since images are found without
/// regard to their registry. A name without a tag is shown as "latest". Nothing is pushed or
/// pulled: images come and go with `millrace images`.
///
/// All throw Error(Customer, RepositoryNotFoundException) and the like in AWS's words.
class Repositories {
 public:
  /// Must outlive this.
  explicit Repositories(const catalog::Images& images) : images_(images) {}

  wire::ecr::DescribeRepositoriesResponse describe_repositories(
      const wire::ecr::DescribeRepositoriesRequest& request, const aws::Caller& caller);
  wire::ecr::DescribeImagesResponse describe_images(const wire::ecr::DescribeImagesRequest& request,
                                                    const aws::Caller& caller);
  wire::ecr::ListImagesResponse list_images(const wire::ecr::ListImagesRequest& request,
                                            const aws::Caller& caller);
  /// Manifests, byte for byte as they were exported; an image that had none is a failure of its
  /// own.
  wire::ecr::BatchGetImageResponse batch_get_image(const wire::ecr::BatchGetImageRequest& request,
                                                   const aws::Caller& caller);
  /// Always refused: there is no registry to log in to.
  wire::ecr::GetAuthorizationTokenResponse get_authorization_token(
      const wire::ecr::GetAuthorizationTokenRequest& request, const aws::Caller& caller);

 private:
  /// The images of one repository, by tag.
  [[nodiscard]] std::vector<catalog::NamedContainer> images_of(const std::string& repository,
                                                               const std::string& registry) const;

  const catalog::Images& images_;
};

}  // namespace millrace::ecr
