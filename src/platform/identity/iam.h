#pragma once

#include "generated/aws/iam/types.h"
#include "generated/aws/sts/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::identity {

/// The STS and IAM answers that SDKs ask for on the way to a training job: who am I, and which role
/// may I pass.
///
/// Roles are names. Millrace evaluates no policy: whoever holds a key may do everything, save the
/// keys of jobs, which are limited by the operations themselves. So a role's trust policy and the
/// policies attached to it are kept and shown, and grant nothing.
class Iam {
 public:
  /// `database` must outlive this.
  explicit Iam(records::Database& database) : database_(database) {}

  wire::sts::GetCallerIdentityResponse get_caller_identity(
      const wire::sts::GetCallerIdentityRequest& request, const aws::Caller& caller);

  wire::iam::GetRoleResponse get_role(const wire::iam::GetRoleRequest& request,
                                      const aws::Caller& caller);
  wire::iam::CreateRoleResponse create_role(const wire::iam::CreateRoleRequest& request,
                                            const aws::Caller& caller);
  wire::iam::ListRolesResponse list_roles(const wire::iam::ListRolesRequest& request,
                                          const aws::Caller& caller);
  wire::Empty attach_role_policy(const wire::iam::AttachRolePolicyRequest& request,
                                 const aws::Caller& caller);
  wire::iam::ListAttachedRolePoliciesResponse list_attached_role_policies(
      const wire::iam::ListAttachedRolePoliciesRequest& request, const aws::Caller& caller);
  /// There are no IAM users: refuses as IAM does for a caller that is a role.
  wire::iam::GetUserResponse get_user(const wire::iam::GetUserRequest& request,
                                      const aws::Caller& caller);

 private:
  records::Database& database_;
};

}  // namespace millrace::identity
