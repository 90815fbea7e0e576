#pragma once

namespace millrace::records {

/// What the web console looks up, and image lists with their versions, version 15.
///
/// training_jobs_table answers every filter and order of the table of jobs without their requests,
/// which are large; its `algorithm` is the repository of a job's image. log_events_by_number finds
/// a stream's lines by the order of their arrival.
///
/// A list is the one at a place ("s3://bucket/key", "fs-1234:/path"). Its versions name their bytes
/// by hash; `document`s are JSON text whose form belongs to platform/console.
inline constexpr const char* kConsoleSchema = R"sql(
ALTER TABLE training_jobs ADD COLUMN algorithm TEXT NOT NULL DEFAULT '';
-- As catalog/image_name.h takes a name apart: a first component with a dot or a colon is the
-- registry, and a tag or digest is no part of the repository.
WITH images AS (
  SELECT account, name_key, json_extract(request, '$.AlgorithmSpecification.TrainingImage') AS image
  FROM training_jobs
), parts AS (
  SELECT account, name_key, image, substr(image, 1, instr(image || '/', '/') - 1) AS first
  FROM images WHERE image IS NOT NULL
), rests AS (
  SELECT account, name_key,
    CASE WHEN first <> image AND (first = 'localhost' OR instr(first, '.') OR instr(first, ':'))
      THEN substr(image, length(first) + 2) ELSE image END AS rest
  FROM parts
)
UPDATE training_jobs SET algorithm = COALESCE((
  SELECT substr(rest, 1, min(instr(rest || ':', ':'), instr(rest || '@', '@')) - 1) FROM rests
  WHERE rests.account = training_jobs.account AND rests.name_key = training_jobs.name_key), '');
CREATE INDEX training_jobs_table ON training_jobs
  (account, created_at, name_key, status, algorithm, modified_at, ended_at, region);
CREATE INDEX training_jobs_by_change ON training_jobs (account, modified_at);
CREATE UNIQUE INDEX log_events_by_number ON log_events (stream, sequence);
CREATE INDEX metrics_by_dimensions ON metrics (account, namespace, dimensions);
CREATE INDEX tags_by_value ON tags (account, tag_key, tag_value, resource);

CREATE TABLE lists (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  place TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (account, place)
);
CREATE TABLE list_versions (
  list BIGINT NOT NULL REFERENCES lists (id),
  number BIGINT NOT NULL,
  parent BIGINT,
  content TEXT NOT NULL,
  author TEXT NOT NULL,
  message TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (list, number)
);
CREATE TABLE list_drafts (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  list BIGINT NOT NULL REFERENCES lists (id),
  author TEXT NOT NULL,
  modified_at BIGINT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX list_drafts_by_author ON list_drafts (account, author, list);
CREATE TABLE list_proposals (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  list BIGINT NOT NULL REFERENCES lists (id),
  author TEXT NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX list_proposals_by_status ON list_proposals (account, status, modified_at);
)sql";

}  // namespace millrace::records
