#pragma once

#include "generated/aws/iam/types.h"
#include "platform/aws/caller.h"
#include "platform/identity/authorizer.h"
#include "platform/identity/keyring.h"
#include "platform/records/database.h"

namespace millrace::identity {

/// IAM's operations on users: people or programs with keys of their own and policies that say what
/// they may do (policy.h). A user acts as a session of the default role, because SDKs look for a
/// role in the caller's ARN.
///
/// Only the operator and users whose policies allow iam:... get here; the keys of jobs never do.
class Users {
 public:
  /// All must outlive this.
  Users(records::Database& database, Keyring& keyring, Authorizer& authorizer)
      : database_(database), keyring_(keyring), authorizer_(authorizer) {}

  wire::iam::CreateUserResponse create(const wire::iam::CreateUserRequest& request,
                                       const aws::Caller& caller);
  /// The user named, or the caller.
  wire::iam::GetUserResponse get(const wire::iam::GetUserRequest& request,
                                 const aws::Caller& caller);
  wire::iam::ListUsersResponse list(const wire::iam::ListUsersRequest& request,
                                    const aws::Caller& caller);
  /// Keys and policies must be gone, as with IAM: DeleteConflict otherwise.
  wire::Empty remove(const wire::iam::DeleteUserRequest& request, const aws::Caller& caller);

  /// The only answer that ever shows the secret. A user has at most two keys.
  wire::iam::CreateAccessKeyResponse create_key(const wire::iam::CreateAccessKeyRequest& request,
                                                const aws::Caller& caller);
  wire::iam::ListAccessKeysResponse list_keys(const wire::iam::ListAccessKeysRequest& request,
                                              const aws::Caller& caller);
  /// The key is refused from the next request on.
  wire::Empty remove_key(const wire::iam::DeleteAccessKeyRequest& request,
                         const aws::Caller& caller);

  wire::Empty put_policy(const wire::iam::PutUserPolicyRequest& request, const aws::Caller& caller);
  wire::iam::GetUserPolicyResponse get_policy(const wire::iam::GetUserPolicyRequest& request,
                                              const aws::Caller& caller);
  wire::iam::ListUserPoliciesResponse list_policies(
      const wire::iam::ListUserPoliciesRequest& request, const aws::Caller& caller);
  wire::Empty remove_policy(const wire::iam::DeleteUserPolicyRequest& request,
                            const aws::Caller& caller);

  wire::Empty attach(const wire::iam::AttachUserPolicyRequest& request, const aws::Caller& caller);
  wire::Empty detach(const wire::iam::DetachUserPolicyRequest& request, const aws::Caller& caller);
  wire::iam::ListAttachedUserPoliciesResponse list_attached(
      const wire::iam::ListAttachedUserPoliciesRequest& request, const aws::Caller& caller);

 private:
  records::Database& database_;
  Keyring& keyring_;
  Authorizer& authorizer_;
};

}  // namespace millrace::identity
