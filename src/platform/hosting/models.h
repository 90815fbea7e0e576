#pragma once

#include <optional>
#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/hosting/check_model.h"
#include "platform/records/database.h"

namespace millrace::hosting {

/// Models: an image, where its data is, and variables. Endpoints keep a copy of the models they
/// serve, so that deleting a model never reaches one.
class Models {
 public:
  /// All references must outlive this.
  Models(records::Database& database, const catalog::Programs& programs,
         const catalog::Images& images, ModelObjects objects)
      : database_(database), programs_(programs), images_(images), objects_(std::move(objects)) {}

  wire::sagemaker::CreateModelOutput create(const wire::sagemaker::CreateModelInput& request,
                                            const aws::Caller& caller);
  wire::sagemaker::DescribeModelOutput describe(const wire::sagemaker::DescribeModelInput& request,
                                                const aws::Caller& caller);
  wire::sagemaker::ListModelsOutput list(const wire::sagemaker::ListModelsInput& request,
                                         const aws::Caller& caller);
  wire::Empty remove(const wire::sagemaker::DeleteModelInput& request, const aws::Caller& caller);

  static std::optional<std::string> arn_of(records::Connection& connection,
                                           const std::string& account, const std::string& name);

 private:
  records::Database& database_;
  const catalog::Programs& programs_;
  const catalog::Images& images_;
  const ModelObjects objects_;
};

}  // namespace millrace::hosting
