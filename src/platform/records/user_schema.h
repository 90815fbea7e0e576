#pragma once

namespace millrace::records {

/// Users with keys and policies, version 8. A key without a user is the operator's or, until it
/// ends, a job's that the operator made; the keys of a user's job carry the user, whom the queue
/// remembers until it makes them.
inline constexpr const char* kUserSchema = R"sql(
CREATE TABLE users (
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE TABLE user_policies (
  account TEXT NOT NULL,
  user_key TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, user_key, name)
);
CREATE TABLE attached_user_policies (
  account TEXT NOT NULL,
  user_key TEXT NOT NULL,
  policy_arn TEXT NOT NULL,
  PRIMARY KEY (account, user_key, policy_arn)
);
ALTER TABLE access_keys ADD COLUMN user_name TEXT NOT NULL DEFAULT '';
ALTER TABLE instance_queue ADD COLUMN user_name TEXT NOT NULL DEFAULT '';
CREATE INDEX access_keys_by_user ON access_keys (account, user_name);
)sql";

}  // namespace millrace::records
