#include "platform/identity/users.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/access.h"
#include "platform/identity/managed_policies.h"
#include "platform/identity/policy.h"
#include "platform/records/access_keys.h"
#include "platform/records/users.h"

namespace millrace::identity {
namespace {

namespace iam = wire::iam;
using records::AccessKeyTable;
using records::Connection;
using records::UserRow;
using records::UserTable;

constexpr std::int64_t kDefaultPage = 100;  // IAM's
constexpr std::size_t kMaxKeys = 2;         // IAM's
constexpr const char* kActive = "Active";

UserRow existing(Connection& connection, const aws::Caller& caller, const std::string& name) {
  std::optional<UserRow> user = UserTable(connection).find(caller.account, name);
  if (!user) {
    throw Error(Blame::Customer, "NoSuchEntity",
                "The user with name " + name + " cannot be found.");
  }
  return *std::move(user);
}

/// Requests may leave the name out and mean the caller.
std::string named_or_own(const std::optional<std::string>& name, const aws::Caller& caller) {
  if (name) return *name;
  if (caller.user.empty()) {
    throw Error(Blame::Customer, "ValidationError",
                "Must specify userName when calling with non-User credentials");
  }
  return caller.user;
}

iam::User wire_user(const UserRow& row) {
  return {.path = "/",
          .user_name = row.name,
          .user_id = row.id,
          .arn = "arn:aws:iam::" + row.account + ":user/" + row.name,
          .create_date = row.created_at};
}

[[noreturn]] void no_such_policy(const std::string& what) {
  throw Error(Blame::Customer, "NoSuchEntity", "The user policy " + what + " cannot be found.");
}

[[noreturn]] void conflict(const std::string& what) {
  throw Error(Blame::Customer, "DeleteConflict", "Cannot delete entity, must " + what + " first.");
}

}  // namespace

iam::CreateUserResponse Users::create(const iam::CreateUserRequest& request,
                                      const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:CreateUser");
  const auto refuse = [](const char* member) {
    throw Error(Blame::Customer, "InvalidInput",
                std::string(member) + " is not supported for users. Leave it out.");
  };
  if (request.path && *request.path != "/") refuse("Path");
  if (request.permissions_boundary) refuse("PermissionsBoundary");
  if (request.tags && !request.tags->empty()) refuse("Tags");
  const UserRow row{.account = caller.account,
                    .name = request.user_name,
                    .id = random_id("AIDA"),
                    .created_at = now()};
  const bool inserted =
      database_.write([&](Connection& transaction) { return UserTable(transaction).insert(row); });
  if (!inserted) {
    throw Error(Blame::Customer, "EntityAlreadyExists",
                "User with name " + request.user_name + " already exists.");
  }
  authorizer_.forget(caller.account, row.name);
  return {.user = wire_user(row)};
}

iam::GetUserResponse Users::get(const iam::GetUserRequest& request, const aws::Caller& caller) {
  const std::string name = named_or_own(request.user_name, caller);
  return {.user = wire_user(database_.read(
              [&](Connection& connection) { return existing(connection, caller, name); }))};
}

iam::ListUsersResponse Users::list(const iam::ListUsersRequest& request,
                                   const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:ListUsers");
  const std::int64_t limit = request.max_items.value_or(kDefaultPage);
  iam::ListUsersResponse response;
  response.is_truncated = false;
  if (request.path_prefix.value_or("/") != "/") return response;
  const std::optional<std::string> after =
      request.marker ? from_base64(*request.marker) : std::string();
  if (!after)
    throw Error(Blame::Customer, "ValidationError",
                "Invalid Marker. Use the one of the previous page.");
  std::vector<UserRow> rows = database_.read([&](Connection& connection) {
    return UserTable(connection).list(caller.account, *after, limit + 1);
  });
  if (static_cast<std::int64_t>(rows.size()) > limit) {
    rows.pop_back();
    response.is_truncated = true;
    response.marker = to_base64(rows.back().name);
  }
  for (const UserRow& row : rows) response.users.push_back(wire_user(row));
  return response;
}

wire::Empty Users::remove(const iam::DeleteUserRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:DeleteUser");
  database_.write([&](Connection& transaction) {
    existing(transaction, caller, request.user_name);
    UserTable users(transaction);
    if (!AccessKeyTable(transaction).of_user(caller.account, to_lower(request.user_name)).empty())
      conflict("delete access keys");
    if (!users.policies(caller.account, request.user_name).empty()) conflict("delete policies");
    if (!users.attached(caller.account, request.user_name).empty()) conflict("detach all policies");
    users.erase(caller.account, request.user_name);
  });
  authorizer_.forget(caller.account, request.user_name);
  return {};
}

iam::CreateAccessKeyResponse Users::create_key(const iam::CreateAccessKeyRequest& request,
                                               const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:CreateAccessKey");
  const std::string name = named_or_own(request.user_name, caller);
  return database_.write([&](Connection& transaction) -> iam::CreateAccessKeyResponse {
    const UserRow user = existing(transaction, caller, name);
    if (AccessKeyTable(transaction).of_user(caller.account, to_lower(name)).size() >= kMaxKeys) {
      throw Error(Blame::Customer, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
    }
    const aws::Credentials key = issue_user_key(transaction, caller.account, user.name);
    return {.access_key = {.user_name = user.name,
                           .access_key_id = key.access_key,
                           .status = kActive,
                           .secret_access_key = key.secret_key,
                           .create_date = now()}};
  });
}

iam::ListAccessKeysResponse Users::list_keys(const iam::ListAccessKeysRequest& request,
                                             const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:ListAccessKeys");
  const std::string name = named_or_own(request.user_name, caller);
  iam::ListAccessKeysResponse response{.is_truncated = false};
  const auto keys = database_.read([&](Connection& connection) {
    existing(connection, caller, name);
    return AccessKeyTable(connection).of_user(caller.account, to_lower(name));
  });
  for (const records::AccessKeyRow& key : keys) {
    response.access_key_metadata.push_back({.user_name = name,
                                            .access_key_id = key.id,
                                            .status = kActive,
                                            .create_date = key.created_at});
  }
  return response;
}

wire::Empty Users::remove_key(const iam::DeleteAccessKeyRequest& request,
                              const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:DeleteAccessKey");
  const std::string name = named_or_own(request.user_name, caller);
  database_.write([&](Connection& transaction) {
    existing(transaction, caller, name);
    if (!AccessKeyTable(transaction).erase(caller.account, to_lower(name), request.access_key_id)) {
      throw Error(Blame::Customer, "NoSuchEntity",
                  "The Access Key with id " + request.access_key_id + " cannot be found.");
    }
  });
  keyring_.forget(request.access_key_id);
  return {};
}

wire::Empty Users::put_policy(const iam::PutUserPolicyRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:PutUserPolicy");
  static_cast<void>(parse_policy(request.policy_document));
  database_.write([&](Connection& transaction) {
    existing(transaction, caller, request.user_name);
    UserTable(transaction)
        .put_policy(caller.account, request.user_name, request.policy_name,
                    request.policy_document);
  });
  authorizer_.forget(caller.account, request.user_name);
  return {};
}

iam::GetUserPolicyResponse Users::get_policy(const iam::GetUserPolicyRequest& request,
                                             const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:GetUserPolicy");
  const std::optional<std::string> document = database_.read([&](Connection& connection) {
    existing(connection, caller, request.user_name);
    return UserTable(connection).policy(caller.account, request.user_name, request.policy_name);
  });
  if (!document) no_such_policy("with name " + request.policy_name);
  return {.user_name = request.user_name,
          .policy_name = request.policy_name,
          .policy_document = uri_encode(*document, Slash::Encode)};
}

iam::ListUserPoliciesResponse Users::list_policies(const iam::ListUserPoliciesRequest& request,
                                                   const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:ListUserPolicies");
  return {.policy_names = database_.read([&](Connection& connection) {
            existing(connection, caller, request.user_name);
            return UserTable(connection).policies(caller.account, request.user_name);
          }),
          .is_truncated = false};
}

wire::Empty Users::remove_policy(const iam::DeleteUserPolicyRequest& request,
                                 const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:DeleteUserPolicy");
  database_.write([&](Connection& transaction) {
    existing(transaction, caller, request.user_name);
    if (!UserTable(transaction)
             .erase_policy(caller.account, request.user_name, request.policy_name))
      no_such_policy("with name " + request.policy_name);
  });
  authorizer_.forget(caller.account, request.user_name);
  return {};
}

wire::Empty Users::attach(const iam::AttachUserPolicyRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:AttachUserPolicy");
  if (!managed_policy(request.policy_arn)) {
    throw Error(Blame::Customer, "NoSuchEntity",
                "Policy " + request.policy_arn +
                    " does not exist or is not attachable. Those that are: " +
                    join(managed_policy_arns(), ", ") + ".");
  }
  database_.write([&](Connection& transaction) {
    existing(transaction, caller, request.user_name);
    UserTable(transaction).attach(caller.account, request.user_name, request.policy_arn);
  });
  authorizer_.forget(caller.account, request.user_name);
  return {};
}

wire::Empty Users::detach(const iam::DetachUserPolicyRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:DetachUserPolicy");
  database_.write([&](Connection& transaction) {
    existing(transaction, caller, request.user_name);
    if (!UserTable(transaction).detach(caller.account, request.user_name, request.policy_arn))
      no_such_policy(request.policy_arn);
  });
  authorizer_.forget(caller.account, request.user_name);
  return {};
}

iam::ListAttachedUserPoliciesResponse Users::list_attached(
    const iam::ListAttachedUserPoliciesRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:ListAttachedUserPolicies");
  iam::ListAttachedUserPoliciesResponse response{
      .attached_policies = std::vector<iam::AttachedPolicy>{}, .is_truncated = false};
  const std::vector<std::string> arns = database_.read([&](Connection& connection) {
    existing(connection, caller, request.user_name);
    return UserTable(connection).attached(caller.account, request.user_name);
  });
  for (const std::string& arn : arns) {
    response.attached_policies->push_back(
        {.policy_name = arn.substr(arn.rfind('/') + 1), .policy_arn = arn});
  }
  return response;
}

}  // namespace millrace::identity
