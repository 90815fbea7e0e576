#pragma once

namespace millrace::records {

/// S3 on Outposts, version 12. `subnets` and `tags` are JSON text whose form belongs to
/// platform/outposts. The objects of a bucket on an Outpost are those of the bucket
/// "<outpost>:<name>" of the store.
inline constexpr const char* kOutpostSchema = R"sql(
CREATE TABLE outposts (
  id TEXT PRIMARY KEY,
  created_at BIGINT NOT NULL,
  subnets TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE outpost_endpoints (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  outpost TEXT NOT NULL REFERENCES outposts (id),
  region TEXT NOT NULL,
  vpc TEXT NOT NULL,
  subnet TEXT NOT NULL,
  security_group TEXT NOT NULL,
  access_type TEXT NOT NULL,
  address_pool TEXT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
) WITHOUT ROWID;
CREATE INDEX outpost_endpoints_by_outpost ON outpost_endpoints (outpost);

CREATE TABLE outpost_buckets (
  outpost TEXT NOT NULL REFERENCES outposts (id),
  name TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  policy TEXT,
  tags TEXT,
  PRIMARY KEY (outpost, name)
) WITHOUT ROWID;

CREATE TABLE access_points (
  outpost TEXT NOT NULL,
  name TEXT NOT NULL,
  bucket TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  vpc TEXT NOT NULL,
  alias TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  policy TEXT,
  PRIMARY KEY (outpost, name),
  FOREIGN KEY (outpost, bucket) REFERENCES outpost_buckets (outpost, name)
) WITHOUT ROWID;
CREATE INDEX access_points_by_bucket ON access_points (outpost, bucket);
)sql";

}  // namespace millrace::records
