#include "platform/identity/keyring.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/records/access_keys.h"
#include "platform/records/roles.h"

namespace millrace::identity {
namespace {

constexpr std::size_t kIdCharacters = 16;
constexpr std::size_t kSecretBytes = 30;  // 40 characters of base64
constexpr std::size_t kTokenBytes = 96;
constexpr const char* kOperator = "operator";
constexpr const char* kUser = "user";
constexpr const char* kSupervisor = "supervisor";
constexpr const char* kProgram = "program";

std::string session_arn(const std::string& account, std::string_view role,
                        std::string_view session) {
  return "arn:aws:sts::" + account + ":assumed-role/" + std::string(role) + "/" +
         std::string(session);
}

/// arn:aws:iam::1:role/service-role/Trainer is the role Trainer.
std::string_view role_name(std::string_view arn) {
  return arn.substr(arn.rfind('/') + 1);
}

aws::Credentials credentials_of(const records::AccessKeyRow& row) {
  return {.access_key = row.id, .secret_key = row.secret, .session_token = row.session_token};
}

records::AccessKeyRow new_key(std::string_view prefix, std::string kind) {
  return {.id = random_id(prefix),
          .secret = to_base64(random_bytes(kSecretBytes)),
          .session_token = {},
          .account = {},
          .arn = {},
          .kind = std::move(kind),
          .job = {},
          .user = {},
          .created_at = now()};
}

records::AccessKeyRow first_key(const std::filesystem::path& credentials_file) {
  records::AccessKeyRow row = new_key("AKIA", kOperator);
  row.account = kDefaultAccount;
  row.arn = session_arn(row.account, kDefaultRole, kOperator);
  // A database that was lost or restored takes over the key that clients already hold.
  if (std::filesystem::exists(credentials_file)) {
    const std::string origin = credentials_file.filename().string();
    const Json json = parse_json(read_file(credentials_file), origin);
    row.id = require_string(json, "AccessKeyId", origin);
    row.secret = require_string(json, "SecretAccessKey", origin);
  }
  return row;
}

records::RoleRow default_role() {
  return {.account = kDefaultAccount,
          .name = kDefaultRole,
          .path = "/",
          .id = random_id("AROA"),
          .trust_policy =
              R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
              R"("Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
          .description = "Made by Millrace at its first start.",
          .max_session_seconds = 3600,
          .created_at = now()};
}

}  // namespace

aws::Credentials issue_user_key(records::Connection& transaction, const std::string& account,
                                const std::string& user) {
  records::AccessKeyRow row = new_key("AKIA", kUser);
  row.account = account;
  // A role's session, not a user's ARN: SDKs look for the role in it.
  row.arn = session_arn(account, kDefaultRole, user);
  row.user = to_lower(user);
  records::AccessKeyTable(transaction).insert(row);
  return credentials_of(row);
}

std::string random_id(std::string_view prefix) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id(prefix);
  for (const char byte : random_bytes(kIdCharacters))
    id += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
  return id;
}

std::string Keyring::open(const std::filesystem::path& credentials_file) {
  const records::AccessKeyRow row = database_.write([&](records::Connection& transaction) {
    records::AccessKeyTable keys(transaction);
    if (std::optional<records::AccessKeyRow> known = keys.first(kOperator)) return *known;
    const records::AccessKeyRow made = first_key(credentials_file);
    keys.insert(made);
    records::RoleTable(transaction).insert(default_role());
    return made;
  });
  if (std::filesystem::exists(credentials_file)) return row.id;
  Json json = Json::object();
  json["AccessKeyId"] = row.id;
  json["SecretAccessKey"] = row.secret;
  write_file_durably(credentials_file, json.dump(2) + "\n", 0600);
  return row.id;
}

std::optional<aws::Identity> Keyring::find(std::string_view access_key) {
  const std::string id(access_key);
  std::uint64_t forgotten = 0;
  const auto cached = long_lived_.with([&](const Cache& cache) {
    forgotten = cache.forgotten;
    const auto found = cache.keys.find(id);
    return found == cache.keys.end() ? nullptr : found->second;
  });
  if (cached) return *cached;
  const std::optional<records::AccessKeyRow> row =
      database_.read([&](records::Connection& connection) {
        return records::AccessKeyTable(connection).find(id);
      });
  if (!row) return std::nullopt;
  aws::Identity identity{.caller = {.account = row->account,
                                    .access_key = row->id,
                                    .arn = row->arn,
                                    .region = {},
                                    .job = row->job,
                                    .user = row->user,
                                    .supervisor = row->kind == kSupervisor},
                         .secret_key = row->secret,
                         .session_token = row->session_token};
  if (row->job.empty()) {
    long_lived_.with([&](Cache& cache) {
      if (cache.forgotten == forgotten)
        cache.keys.emplace(id, std::make_shared<const aws::Identity>(identity));
    });
  }
  return identity;
}

JobKeys Keyring::issue(records::Connection& transaction, const JobOwner& owner,
                       const std::string& job, const std::string& role_arn) {
  if (std::optional<JobKeys> known = of_job(transaction, job)) return *std::move(known);
  const auto make = [&](const char* kind, std::string_view session) {
    records::AccessKeyRow row = new_key("ASIA", kind);
    row.session_token = to_base64(random_bytes(kTokenBytes));
    row.account = owner.account;
    row.arn = session_arn(owner.account, role_name(role_arn), session);
    row.job = to_lower(job);
    row.user = owner.user;
    records::AccessKeyTable(transaction).insert(row);
    return credentials_of(row);
  };
  return {.supervisor = make(kSupervisor, "millrace-supervisor"),
          .program = make(kProgram, "SageMaker")};
}

std::optional<JobKeys> Keyring::of_job(records::Connection& connection, const std::string& job) {
  records::AccessKeyTable keys(connection);
  const auto supervisor = keys.of_job(kSupervisor, to_lower(job));
  const auto program = keys.of_job(kProgram, to_lower(job));
  if (!supervisor || !program) return std::nullopt;
  return JobKeys{.supervisor = credentials_of(*supervisor), .program = credentials_of(*program)};
}

void Keyring::forget(const std::string& access_key) {
  long_lived_.with([&](Cache& cache) {
    cache.keys.erase(access_key);
    ++cache.forgotten;
  });
}

void Keyring::revoke(records::Connection& transaction, const std::string& job) {
  records::AccessKeyTable(transaction).erase_job(to_lower(job));
}

}  // namespace millrace::identity
