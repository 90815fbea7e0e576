#pragma once

namespace millrace::records {

/// Distributions of metrics whose samples are too many to be kept one by one, version 14: how many
/// of a period's samples lie in each bucket. What a bucket is belongs to platform/metrics.
inline constexpr const char* kMetricBucketSchema = R"sql(
CREATE TABLE metric_buckets (
  metric BIGINT NOT NULL REFERENCES metrics (id),
  at BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  samples DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (metric, at, bucket)
) WITHOUT ROWID;
)sql";

}  // namespace millrace::records
