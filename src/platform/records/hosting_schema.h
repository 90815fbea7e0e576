#pragma once

namespace millrace::records {

/// Tables of models, endpoint configurations and endpoints, version 9. `document` is JSON text
/// whose form belongs to platform/hosting: what was asked for and, of an endpoint, what has become
/// of it. Models and configurations never change; they have status and modified_at so that all
/// three are listed alike.
inline constexpr const char* kHostingSchema = R"sql(
CREATE TABLE models (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE INDEX models_by_creation ON models (account, created_at, name_key);

CREATE TABLE endpoint_configs (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE INDEX endpoint_configs_by_creation ON endpoint_configs (account, created_at, name_key);

CREATE TABLE endpoints (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE INDEX endpoints_by_creation ON endpoints (account, created_at, name_key);
)sql";

}  // namespace millrace::records
