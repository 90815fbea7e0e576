#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "generated/aws/iam/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace iam = wire::iam;

constexpr const char* kBucketsPolicy = "buckets";
constexpr const char* kFileSystemsPolicy = "file-systems";
constexpr const char* kOwnPolicy = "policy";
constexpr const char* kReadOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";
constexpr const char* kAdministrator = "arn:aws:iam::aws:policy/AdministratorAccess";

struct AddOptions {
  std::string name;
  bool read_only = false;
  bool administrator = false;
  std::vector<std::string> buckets;       ///< "data" or "data:ro"
  std::vector<std::string> file_systems;  ///< "fs-0123456789abcdef0" or "fs-0123456789abcdef0:ro"
  std::filesystem::path policy;
};

/// "name:ro" taken apart.
struct Limited {
  explicit Limited(const std::string& given)
      : read_only(given.ends_with(":ro")),
        name(given.substr(0, given.size() - (read_only ? 3 : 0))) {}
  bool read_only;
  std::string name;
};

std::string policy_of(Json statements) {
  return to_text(Json{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

/// What `--bucket` gives: the buckets, and SageMaker, logs and metrics, whose jobs reach no others.
std::string buckets_policy(const std::vector<std::string>& buckets) {
  Json statements = Json::array();
  statements.push_back(
      {{"Effect", "Allow"},
       {"Action",
        {"sagemaker:*", "logs:*", "cloudwatch:*", "iam:GetRole", "s3:ListAllMyBuckets",
         "s3:GetBucketLocation", "millrace:List*", "millrace:Describe*"}},
       {"Resource", "*"}});
  for (const std::string& given : buckets) {
    const Limited bucket(given);
    const Json actions = bucket.read_only ? Json{"s3:Get*", "s3:List*"} : Json("s3:*");
    statements.push_back(
        {{"Effect", "Allow"},
         {"Action", actions},
         {"Resource", {"arn:aws:s3:::" + bucket.name, "arn:aws:s3:::" + bucket.name + "/*"}}});
  }
  return policy_of(std::move(statements));
}

/// What `--file-system` gives, of EFS and FSx alike: to name it in a job.
std::string file_systems_policy(const std::vector<std::string>& file_systems) {
  Json statements = Json::array();
  for (const std::string& given : file_systems) {
    const Limited file_system(given);
    Json actions{"elasticfilesystem:ClientMount", "fsx:ClientMount"};
    if (!file_system.read_only) {
      actions.push_back("elasticfilesystem:ClientWrite");
      actions.push_back("fsx:ClientWrite");
    }
    statements.push_back({{"Effect", "Allow"},
                          {"Action", std::move(actions)},
                          {"Resource", "arn:aws:*:file-system/" + file_system.name}});
  }
  return policy_of(std::move(statements));
}

/// With keys and policies, which IAM wants gone first.
void erase(aws::Client& client, const std::string& name) {
  const auto keys = client.call<iam::ops::ListAccessKeys>({.user_name = name});
  for (const auto& key : keys.access_key_metadata) {
    client.call<iam::ops::DeleteAccessKey>(
        {.user_name = name, .access_key_id = *key.access_key_id});
  }
  for (const std::string& policy :
       client.call<iam::ops::ListUserPolicies>({.user_name = name}).policy_names)
    client.call<iam::ops::DeleteUserPolicy>({.user_name = name, .policy_name = policy});
  const auto attached = client.call<iam::ops::ListAttachedUserPolicies>({.user_name = name});
  for (const auto& policy : *attached.attached_policies)
    client.call<iam::ops::DetachUserPolicy>({.user_name = name, .policy_arn = *policy.policy_arn});
  client.call<iam::ops::DeleteUser>({.user_name = name});
}

void add(aws::Client client, const AddOptions& options) {
  if (!options.read_only && !options.administrator && options.buckets.empty() &&
      options.file_systems.empty() && options.policy.empty()) {
    throw Error(Blame::Customer,
                "say what the user may do: --read-only, --bucket NAME, --bucket NAME:ro, "
                "--file-system ID, --file-system ID:ro, --policy FILE or --administrator. Without "
                "any it could do nothing.");
  }
  // Read first: a file that is not there must not leave a user without policies behind.
  const std::string own = options.policy.empty() ? std::string() : read_file(options.policy);
  client.call<iam::ops::CreateUser>({.user_name = options.name});
  try {
    if (!own.empty()) {
      client.call<iam::ops::PutUserPolicy>(
          {.user_name = options.name, .policy_name = kOwnPolicy, .policy_document = own});
    }
    if (!options.buckets.empty()) {
      client.call<iam::ops::PutUserPolicy>({.user_name = options.name,
                                            .policy_name = kBucketsPolicy,
                                            .policy_document = buckets_policy(options.buckets)});
    }
    if (!options.file_systems.empty()) {
      client.call<iam::ops::PutUserPolicy>(
          {.user_name = options.name,
           .policy_name = kFileSystemsPolicy,
           .policy_document = file_systems_policy(options.file_systems)});
    }
    if (options.read_only)
      client.call<iam::ops::AttachUserPolicy>({.user_name = options.name, .policy_arn = kReadOnly});
    if (options.administrator) {
      client.call<iam::ops::AttachUserPolicy>(
          {.user_name = options.name, .policy_arn = kAdministrator});
    }
  } catch (const Error&) {
    erase(client, options.name);
    throw;
  }
  const auto key = client.call<iam::ops::CreateAccessKey>({.user_name = options.name}).access_key;
  std::cout << "export AWS_ACCESS_KEY_ID=" << key.access_key_id << '\n'
            << "export AWS_SECRET_ACCESS_KEY=" << key.secret_access_key << '\n';
  std::cerr << "The secret is shown this once. A user has at most two keys; `aws iam "
               "create-access-key` makes the second.\n";
}

/// What the user may do, in few words.
std::string rights_of(aws::Client& client, const std::string& user) {
  std::vector<std::string> rights =
      client.call<iam::ops::ListUserPolicies>({.user_name = user}).policy_names;
  const auto attached = client.call<iam::ops::ListAttachedUserPolicies>({.user_name = user});
  for (const auto& policy : *attached.attached_policies) rights.push_back(*policy.policy_name);
  return join(rights, ", ");
}

void list(aws::Client client) {
  std::vector<std::vector<std::string>> rows;
  iam::ListUsersRequest request;
  do {
    const auto page = client.call<iam::ops::ListUsers>(request);
    for (const iam::User& user : page.users) {
      const auto keys = client.call<iam::ops::ListAccessKeys>({.user_name = user.user_name});
      std::vector<std::string> ids;
      for (const auto& key : keys.access_key_metadata) ids.push_back(*key.access_key_id);
      rows.push_back({user.user_name, rights_of(client, user.user_name), join(ids, ", "),
                      iso8601_seconds(user.create_date)});
    }
    request.marker = page.marker;
  } while (request.marker);
  std::cout << aligned({"USER", "POLICIES", "KEYS", "SINCE"}, rows);
}

void remove(aws::Client client, const std::string& name) {
  erase(client, name);
  std::cout << "user " << name << " and its keys are gone\n";
}

}  // namespace

void add_users_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* users = app.add_subcommand("users", "People and programs with keys of their own");
  users->require_subcommand(1);
  users->footer(
      "The key that `millrace env` prints may do everything. A user may do what its policies say,\n"
      "and so may the jobs it starts.\n\n"
      "Examples:\n"
      "  millrace users add anna --bucket data:ro --bucket results --file-system "
      "fs-0123456789abcdef0:ro\n"
      "  millrace users add auditor --read-only\n"
      "  millrace users add ci --policy policy.json\n"
      "  millrace users list\n"
      "  millrace users remove anna\n");

  CLI::App* add_verb = users->add_subcommand("add", "Make a user and print its first key");
  add_verb->footer(
      "A policy is IAM's JSON with Effect, Action and Resource; see docs/reference/access.md.\n\n"
      "Examples:\n"
      "  eval \"$(millrace users add anna --bucket data:ro --bucket results)\"\n");
  auto options = std::make_shared<AddOptions>();
  add_verb->add_option("name", options->name, "Name of the user")->required();
  add_verb->add_flag("--read-only", options->read_only, "May see everything and change nothing");
  add_verb
      ->add_option("--bucket", options->buckets,
                   "May train, and use this bucket; NAME:ro to read only; may be repeated")
      ->type_name("NAME[:ro]");
  add_verb
      ->add_option("--file-system", options->file_systems,
                   "May name this file system in its jobs; ID:ro to read only; may be repeated")
      ->type_name("ID[:ro]");
  add_verb->add_option("--policy", options->policy, "What it may do, as a policy document")
      ->type_name("FILE");
  add_verb->add_flag("--administrator", options->administrator, "May do everything");
  add_data_dir_option(*add_verb, data_dir);
  add_verb->callback([&data_dir, options] { add(connect(data_dir), *options); });

  CLI::App* list_verb = users->add_subcommand("list", "Users with their policies and keys");
  add_data_dir_option(*list_verb, data_dir);
  list_verb->callback([&data_dir] { list(connect(data_dir)); });

  CLI::App* remove_verb = users->add_subcommand("remove", "Take a user's keys away, and the user");
  auto name = std::make_shared<std::string>();
  remove_verb->add_option("name", *name, "Name of the user")->required();
  add_data_dir_option(*remove_verb, data_dir);
  remove_verb->callback([&data_dir, name] { remove(connect(data_dir), *name); });
}

}  // namespace millrace::cli
