#pragma once

namespace millrace::records {

/// Work on image lists that is under way, version 16.
///
/// A draft's edits are rows of their own, so that one more writes one row and not all of them anew.
/// list_saves has what is about to be written to a list's file: a daemon that ends between the
/// write and the version's row then finds there whose version the file holds.
inline constexpr const char* kListSchema = R"sql(
CREATE TABLE list_draft_edits (
  draft TEXT NOT NULL,
  number BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  edit TEXT NOT NULL,
  PRIMARY KEY (draft, number)
);
INSERT INTO list_draft_edits (draft, number, bytes, edit)
  SELECT list_drafts.id, edits.key + 1, length(CAST(edits.value AS BLOB)), edits.value
  FROM list_drafts, json_each(list_drafts.document, '$.Edits') AS edits;
UPDATE list_drafts SET document = json_remove(document, '$.Edits');
CREATE TABLE list_saves (
  id TEXT PRIMARY KEY,
  list BIGINT NOT NULL REFERENCES lists (id),
  content TEXT NOT NULL,
  author TEXT NOT NULL,
  message TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  proposal BIGINT,
  draft TEXT NOT NULL
);
CREATE INDEX list_saves_by_list ON list_saves (list);
)sql";

}  // namespace millrace::records
