#include "platform/identity/iam.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/aws/access.h"
#include "platform/identity/keyring.h"
#include "platform/records/roles.h"

namespace millrace::identity {
namespace {

constexpr std::int64_t kDefaultPage = 100;  // IAM's

[[noreturn]] void no_such_role(const std::string& name) {
  throw Error(Blame::Customer, "NoSuchEntity", "The role with name " + name + " cannot be found.");
}

wire::iam::Role wire_role(const records::RoleRow& row) {
  return {.path = row.path,
          .role_name = row.name,
          .role_id = row.id,
          .arn = "arn:aws:iam::" + row.account + ":role" + row.path + row.name,
          .create_date = row.created_at,
          // IAM sends the document percent-encoded, and clients decode it.
          .assume_role_policy_document = uri_encode(row.trust_policy, Slash::Encode),
          .description = row.description,
          .max_session_duration = row.max_session_seconds};
}

/// The part of "role/Name/session" between its slashes, and what follows; empty when the ARN has
/// another form.
struct Session {
  std::string role;
  std::string name;
};

Session session_of(std::string_view arn) {
  const auto parts = split(arn, '/');
  if (parts.size() < 3) return {};
  return {.role = std::string(parts[parts.size() - 2]), .name = std::string(parts.back())};
}

/// Markers are opaque to clients: the last name of the page before, in base64.
std::string after_marker(const std::optional<std::string>& marker) {
  if (!marker) return {};
  std::optional<std::string> name = from_base64(*marker);
  if (!name)
    throw Error(Blame::Customer, "ValidationError",
                "Invalid Marker. Use the one of the previous page.");
  return *std::move(name);
}

/// "arn:aws:iam::aws:policy/service-role/Name": path "/service-role/", name "Name".
struct Policy {
  std::string path;
  std::string name;
};

std::optional<Policy> parse_policy(std::string_view arn) {
  constexpr std::string_view kManaged = "arn:aws:iam::aws:policy/";
  if (!arn.starts_with(kManaged)) return std::nullopt;
  const std::string_view rest = arn.substr(kManaged.size());
  const std::size_t slash = rest.rfind('/');
  Policy policy{.path = "/", .name = std::string(rest.substr(slash + 1))};
  if (slash != std::string_view::npos) policy.path = "/" + std::string(rest.substr(0, slash + 1));
  if (policy.name.empty()) return std::nullopt;
  return policy;
}

void refuse_unsupported(const wire::iam::CreateRoleRequest& request) {
  const auto refuse = [](const char* member) {
    throw Error(
        Blame::Customer, "InvalidInput",
        std::string(member) +
            " is not supported: roles have neither here, since users' policies say who may do "
            "what. Leave it out.");
  };
  if (request.permissions_boundary) refuse("PermissionsBoundary");
  if (request.tags && !request.tags->empty()) refuse("Tags");
}

}  // namespace

wire::sts::GetCallerIdentityResponse Iam::get_caller_identity(
    const wire::sts::GetCallerIdentityRequest&, const aws::Caller& caller) {
  const Session session = session_of(caller.arn);
  const std::optional<records::RoleRow> role = database_.read([&](records::Connection& connection) {
    return records::RoleTable(connection).find(caller.account, session.role);
  });
  // A role that was only ever named in a job has no id of its own; the session's key gives one that
  // lasts as long.
  const std::string role_id =
      role ? role->id
           : "AROA" + caller.access_key.substr(std::min<std::size_t>(4, caller.access_key.size()));
  return {.user_id = role_id + ":" + session.name, .account = caller.account, .arn = caller.arn};
}

wire::iam::GetRoleResponse Iam::get_role(const wire::iam::GetRoleRequest& request,
                                         const aws::Caller& caller) {
  const std::optional<records::RoleRow> role = database_.read([&](records::Connection& connection) {
    return records::RoleTable(connection).find(caller.account, request.role_name);
  });
  if (!role) no_such_role(request.role_name);
  return {.role = wire_role(*role)};
}

wire::iam::CreateRoleResponse Iam::create_role(const wire::iam::CreateRoleRequest& request,
                                               const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:CreateRole");
  refuse_unsupported(request);
  if (!Json::accept(request.assume_role_policy_document)) {
    throw Error(Blame::Customer, "MalformedPolicyDocument", "This policy contains invalid Json");
  }
  const records::RoleRow row{.account = caller.account,
                             .name = request.role_name,
                             .path = request.path.value_or("/"),
                             .id = random_id("AROA"),
                             .trust_policy = request.assume_role_policy_document,
                             .description = request.description,
                             .max_session_seconds = request.max_session_duration.value_or(3600),
                             .created_at = now()};
  const bool inserted = database_.write([&](records::Connection& transaction) {
    return records::RoleTable(transaction).insert(row);
  });
  if (!inserted) {
    throw Error(Blame::Customer, "EntityAlreadyExists",
                "Role with name " + request.role_name + " already exists.");
  }
  return {.role = wire_role(row)};
}

wire::iam::ListRolesResponse Iam::list_roles(const wire::iam::ListRolesRequest& request,
                                             const aws::Caller& caller) {
  const std::int64_t limit = request.max_items.value_or(kDefaultPage);
  std::vector<records::RoleRow> rows = database_.read([&](records::Connection& connection) {
    return records::RoleTable(connection)
        .list(caller.account, request.path_prefix.value_or("/"), after_marker(request.marker),
              limit + 1);
  });
  wire::iam::ListRolesResponse response;
  response.is_truncated = static_cast<std::int64_t>(rows.size()) > limit;
  if (*response.is_truncated) {
    rows.pop_back();
    response.marker = to_base64(rows.back().name);
  }
  for (const records::RoleRow& row : rows) response.roles.push_back(wire_role(row));
  return response;
}

wire::Empty Iam::attach_role_policy(const wire::iam::AttachRolePolicyRequest& request,
                                    const aws::Caller& caller) {
  aws::require_own_key(caller, "iam:AttachRolePolicy");
  database_.write([&](records::Connection& transaction) {
    records::RoleTable roles(transaction);
    if (!roles.find(caller.account, request.role_name)) no_such_role(request.role_name);
    // Only Amazon's managed policies have names that everybody knows; there is no operation here to
    // make others.
    if (!parse_policy(request.policy_arn)) {
      throw Error(Blame::Customer, "NoSuchEntity",
                  "Policy " + request.policy_arn + " does not exist or is not attachable.");
    }
    roles.attach(caller.account, request.role_name, request.policy_arn);
  });
  return {};
}

wire::iam::ListAttachedRolePoliciesResponse Iam::list_attached_role_policies(
    const wire::iam::ListAttachedRolePoliciesRequest& request, const aws::Caller& caller) {
  const std::int64_t limit = request.max_items.value_or(kDefaultPage);
  const std::string prefix = request.path_prefix.value_or("/");
  // A role holds few policies, so they are read whole and the path is compared here.
  constexpr std::int64_t kAll = 10'000;
  std::vector<std::string> arns = database_.read([&](records::Connection& connection) {
    records::RoleTable roles(connection);
    if (!roles.find(caller.account, request.role_name)) no_such_role(request.role_name);
    return roles.attached(caller.account, request.role_name, after_marker(request.marker), kAll);
  });
  std::erase_if(arns, [&](const std::string& arn) {
    const std::optional<Policy> policy = parse_policy(arn);
    return !policy || !policy->path.starts_with(prefix);
  });
  wire::iam::ListAttachedRolePoliciesResponse response;
  response.is_truncated = static_cast<std::int64_t>(arns.size()) > limit;
  if (*response.is_truncated) {
    arns.resize(static_cast<std::size_t>(limit));
    response.marker = to_base64(arns.back());
  }
  response.attached_policies.emplace();
  for (const std::string& arn : arns) {
    response.attached_policies->push_back(
        {.policy_name = parse_policy(arn)->name, .policy_arn = arn});
  }
  return response;
}

}  // namespace millrace::identity
