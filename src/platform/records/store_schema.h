#pragma once

namespace millrace::records {

/// Tables of the object store, version 1. Text keys compare bytewise, which is the order S3 lists
/// in.
///
/// `document`, `checksum`, `parts` and `outcome` are text whose form belongs to platform/store.
/// WITHOUT ROWID keeps an object's row in its primary key: one look-up per GET, one range scan per
/// listing.
inline constexpr const char* kStoreSchema = R"sql(
CREATE TABLE buckets (
  name TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE objects (
  bucket TEXT NOT NULL REFERENCES buckets (name),
  object_key TEXT NOT NULL,
  size BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  etag TEXT NOT NULL,
  checksum TEXT,
  content TEXT NOT NULL,
  document TEXT NOT NULL,
  parts TEXT,
  PRIMARY KEY (bucket, object_key)
) WITHOUT ROWID;

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  bucket TEXT NOT NULL REFERENCES buckets (name),
  object_key TEXT NOT NULL,
  initiated_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  completed_at BIGINT,
  outcome TEXT
);
CREATE INDEX uploads_by_key ON uploads (bucket, object_key, id);

CREATE TABLE parts (
  upload TEXT NOT NULL REFERENCES uploads (id),
  number INTEGER NOT NULL,
  size BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  etag TEXT NOT NULL,
  content TEXT NOT NULL,
  checksum TEXT,
  PRIMARY KEY (upload, number)
) WITHOUT ROWID;

CREATE TABLE unreferenced_content (
  content TEXT PRIMARY KEY
) WITHOUT ROWID;
)sql";

}  // namespace millrace::records
