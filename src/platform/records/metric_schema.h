#pragma once

namespace millrace::records {

/// Tables of CloudWatch metrics, version 7. `dimensions` is the canonical text that
/// platform/metrics makes of them. A point is a set of samples: of a single value, all figures are
/// that value. Points are clustered by metric and time, the order in which they are read.
inline constexpr const char* kMetricSchema = R"sql(
CREATE TABLE metrics (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  dimensions TEXT NOT NULL,
  unit TEXT NOT NULL,
  last_at BIGINT NOT NULL,
  next_sequence BIGINT NOT NULL,
  UNIQUE (account, namespace, name, dimensions, unit)
);
CREATE TABLE metric_points (
  metric BIGINT NOT NULL REFERENCES metrics (id),
  at BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  samples DOUBLE PRECISION NOT NULL,
  total DOUBLE PRECISION NOT NULL,
  minimum DOUBLE PRECISION NOT NULL,
  maximum DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (metric, at, sequence)
) WITHOUT ROWID;
)sql";

}  // namespace millrace::records
