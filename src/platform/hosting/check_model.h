#pragma once

#include <functional>
#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/catalog/programs.h"

namespace millrace::hosting {

/// What hosting asks the object store.
struct ModelObjects {
  std::function<bool(const std::string& bucket)> has_bucket;
  std::function<bool(const std::string& bucket, const std::string& key)> has_object;
  std::function<bool(const std::string& bucket, const std::string& prefix)> has_prefix;
};

/// What a model is checked against.
struct ModelChecks {
  const catalog::Programs& programs;
  const catalog::Images& images;
  const ModelObjects& objects;
};

/// The one container of a model, whichever of the two members gave it. Throws Error(Customer,
/// ValidationException) when there is none, or more than one.
const wire::sagemaker::ContainerDefinition& container_of(
    const wire::sagemaker::CreateModelInput& request);

/// Where the model's files are: an archive (".tar.gz"), or a prefix that ends in "/"; empty for a
/// model that is all in its image.
std::string model_data_url(const wire::sagemaker::ContainerDefinition& container);

/// Refuses by name what is not served, an image that is not known here and data that is not there.
/// Throws Error(Customer, ValidationException).
void check_model(const wire::sagemaker::CreateModelInput& request, const ModelChecks& checks);

}  // namespace millrace::hosting
