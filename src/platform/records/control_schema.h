#pragma once

namespace millrace::records {

/// Tables of identity, logs, catalog, fleet and jobs, version 2. Times are milliseconds since 1970.
///
/// `request` and `state` of a training job are JSON text whose form belongs to platform/jobs: the request never
/// changes once accepted, the state is rewritten at every transition, so they are kept apart.
/// log_events is clustered by (stream, time, sequence), the order in which events are read.
inline constexpr const char* kControlSchema = R"sql(
CREATE TABLE access_keys (
  id TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  session_token TEXT NOT NULL,
  account TEXT NOT NULL,
  arn TEXT NOT NULL,
  kind TEXT NOT NULL,
  job TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX access_keys_by_job ON access_keys (job);

CREATE TABLE roles (
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  path TEXT NOT NULL,
  id TEXT NOT NULL,
  trust_policy TEXT NOT NULL,
  description TEXT,
  max_session_seconds INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE TABLE role_policies (
  account TEXT NOT NULL,
  role_key TEXT NOT NULL,
  policy_arn TEXT NOT NULL,
  PRIMARY KEY (account, role_key, policy_arn)
);

CREATE TABLE log_groups (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (account, name)
);
CREATE TABLE log_streams (
  id INTEGER PRIMARY KEY,
  log_group BIGINT NOT NULL REFERENCES log_groups (id),
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  first_event_at BIGINT,
  last_event_at BIGINT,
  last_ingestion_at BIGINT,
  stored_bytes BIGINT NOT NULL,
  next_sequence BIGINT NOT NULL,
  UNIQUE (log_group, name)
);
CREATE TABLE log_events (
  stream BIGINT NOT NULL REFERENCES log_streams (id),
  event_at BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  ingested_at BIGINT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (stream, event_at, sequence)
) WITHOUT ROWID;

CREATE TABLE images (
  name TEXT PRIMARY KEY,
  command TEXT NOT NULL,
  read_only_binds TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE training_jobs (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  ended_at BIGINT,
  request TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE INDEX training_jobs_by_creation ON training_jobs (account, created_at, name_key);
CREATE INDEX training_jobs_by_status ON training_jobs (account, status, name_key);

CREATE TABLE tags (
  account TEXT NOT NULL,
  resource TEXT NOT NULL,
  tag_key TEXT NOT NULL,
  tag_value TEXT NOT NULL,
  PRIMARY KEY (account, resource, tag_key)
);

CREATE TABLE instance_queue (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  job TEXT NOT NULL,
  region TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  cpus DOUBLE PRECISION NOT NULL,
  memory_bytes BIGINT NOT NULL,
  leased BOOLEAN NOT NULL,
  supervisor_pid BIGINT,
  supervisor_started BIGINT,
  deadline_at BIGINT,
  UNIQUE (account, job)
);
CREATE INDEX instance_queue_by_lease ON instance_queue (leased, id);
)sql";

}  // namespace millrace::records
