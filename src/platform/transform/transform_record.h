#pragma once

#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/records/hosting.h"
#include "platform/transform/transform_state.h"

namespace millrace::transform {

/// The log group of all transform jobs.
inline constexpr const char* kTransformLogGroup = "/aws/sagemaker/TransformJobs";

/// A transform job as its row has it.
struct TransformRecord {
  std::string account;
  std::string region;
  Time created{};
  wire::sagemaker::CreateTransformJobRequest request;  ///< defaults filled in
  wire::sagemaker::CreateModelInput model;             ///< as it was; it may be deleted meanwhile
  TransformState state;

  [[nodiscard]] const std::string& name() const { return request.transform_job_name; }
  [[nodiscard]] std::string arn() const;
  /// What its supervisors look after, see core/contract/workload.h.
  [[nodiscard]] std::string workload() const;
};

TransformRecord record_of(const records::HostingRow& row);
records::HostingRow row_of(const TransformRecord& record);

wire::sagemaker::DescribeTransformJobResponse describe(const TransformRecord& record);
wire::sagemaker::TransformJobSummary summary_of(const TransformRecord& record);

}  // namespace millrace::transform
