#pragma once

#include "generated/aws/iam/types.h"
#include "generated/aws/sts/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::identity {

/// The STS and IAM answers that SDKs ask for on the way to a training job: who am I, and which role
/// may I pass.
///
/// Roles are names: their trust policies and the policies attached to them are kept and shown, and
/// grant nothing. What a caller may do follows from its user (users.h) or, for the keys of jobs,
/// from the operations themselves.
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

 private:
  records::Database& database_;
};

}  // namespace millrace::identity
