#pragma once

#include <string>
#include <string_view>

#include "generated/aws/control/types.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/catalog/instance_types.h"
#include "platform/catalog/programs.h"
#include "platform/jobs/job_state.h"
#include "platform/jobs/supervision.h"
#include "platform/records/jobs.h"

namespace millrace::jobs {

inline constexpr const char* kProcessingLogGroup = "/aws/sagemaker/ProcessingJobs";

/// A processing job as its row has it.
struct ProcessingRecord {
  std::string account;
  std::string region;
  Time created{};
  wire::sagemaker::CreateProcessingJobRequest request;  ///< defaults filled in
  JobState state;

  [[nodiscard]] const std::string& name() const { return request.processing_job_name; }
  [[nodiscard]] std::string arn() const;
  /// processing.<name>
  [[nodiscard]] std::string workload() const;
};

/// arn:aws:sagemaker:<region>:<account>:processing-job/<name in lower case>
std::string processing_job_arn(std::string_view region, std::string_view account,
                               std::string_view name);

std::string processing_workload(std::string_view name);

ProcessingRecord processing_record_of(const records::JobRow& row);
records::JobRow row_of(const ProcessingRecord& record);

wire::sagemaker::DescribeProcessingJobResponse describe(const ProcessingRecord& record);

/// Instance types of its hosts, by number.
std::vector<std::string> instance_types(const ProcessingRecord& record);

/// The orders of a host's supervisor.
wire::control::JobTicket ticket_of(const ProcessingRecord& record, const TicketGrant& grant,
                                   const catalog::Program& program,
                                   const catalog::Resources& machine,
                                   std::int64_t seconds_left);

}  // namespace millrace::jobs
