#include "platform/identity/managed_policies.h"

#include <algorithm>
#include <iterator>

#include "core/base/text.h"

namespace millrace::identity {
namespace {

/// All of them allow actions on every resource.
struct Row {
  std::string_view arn;
  std::string_view actions;  ///< separated by spaces
};

constexpr Row kPolicies[] = {
    {"arn:aws:iam::aws:policy/AdministratorAccess", "*"},
    {"arn:aws:iam::aws:policy/ReadOnlyAccess",
     "s3:Get* s3:List* s3-outposts:Get* s3-outposts:List* sagemaker:Describe* sagemaker:List* "
     "sagemaker:Search logs:Describe* "
     "logs:Get* logs:Filter* cloudwatch:Get* cloudwatch:List* iam:Get* iam:List* millrace:List* "
     "millrace:Describe*"},
    {"arn:aws:iam::aws:policy/AmazonElasticFileSystemClientReadOnlyAccess",
     "elasticfilesystem:ClientMount"},
    {"arn:aws:iam::aws:policy/AmazonElasticFileSystemClientReadWriteAccess",
     "elasticfilesystem:ClientMount elasticfilesystem:ClientWrite"},
    {"arn:aws:iam::aws:policy/AmazonFSxFullAccess", "fsx:*"},
    {"arn:aws:iam::aws:policy/AmazonS3FullAccess", "s3:*"},
    {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "s3:Get* s3:List*"},
    {"arn:aws:iam::aws:policy/AmazonS3OutpostsFullAccess", "s3-outposts:*"},
    {"arn:aws:iam::aws:policy/AmazonS3OutpostsReadOnlyAccess",
     "s3-outposts:Get* s3-outposts:List*"},
    {"arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
     "sagemaker:* s3:* logs:* cloudwatch:* iam:GetRole iam:ListRoles millrace:List* "
     "millrace:Describe*"},
    {"arn:aws:iam::aws:policy/AmazonSageMakerReadOnly",
     "sagemaker:Describe* sagemaker:List* sagemaker:Search logs:Describe* logs:Get* logs:Filter* "
     "cloudwatch:Get* cloudwatch:List*"},
};

}  // namespace

std::optional<Policy> managed_policy(std::string_view arn) {
  const auto* found = std::find_if(std::begin(kPolicies), std::end(kPolicies),
                                   [&](const Row& row) { return row.arn == arn; });
  if (found == std::end(kPolicies)) return std::nullopt;
  PolicyStatement statement{.allow = true, .actions = {}, .resources = {"*"}};
  for (const std::string_view action : split(found->actions, ' '))
    statement.actions.emplace_back(action);
  return Policy{.statements = {std::move(statement)}};
}

std::vector<std::string> managed_policy_arns() {
  std::vector<std::string> arns;
  for (const Row& row : kPolicies) arns.emplace_back(row.arn);
  return arns;
}

}  // namespace millrace::identity
