#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "generated/aws/control/types.h"
#include "platform/aws/authenticate.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/images.h"
#include "platform/catalog/instance_types.h"
#include "platform/jobs/job_record.h"

namespace millrace::jobs {

inline constexpr const char* kTrainingLogGroup = "/aws/sagemaker/TrainingJobs";
/// The one host of a job.
inline constexpr const char* kHost = "algo-1";

/// What a job runs.
struct Program {
  std::vector<std::string> command;
  std::vector<std::string> read_only_binds;
  std::map<std::string, std::string> environment;  ///< besides what every job gets
};

/// The trainer for a built-in algorithm.
Program built_in_program(const std::filesystem::path& trainer,
                         const catalog::AlgorithmDescription& algorithm);
/// A registered image's program with the job's own entry point and arguments; the argument is
/// "train" where the request names none.
Program executable_program(const catalog::ExecutableImage& image,
                           const wire::sagemaker::AlgorithmSpecification& spec);

struct TicketSource {
  const JobRecord& job;
  const Program& program;
  const catalog::Resources& machine;
  /// Keys for the program, and where to use them; ignored for a job with network isolation, which
  /// gets neither.
  std::optional<aws::Credentials> keys;
  std::string endpoint;
  Time now{};
};

/// The supervisor's orders.
wire::control::JobTicket ticket_of(const TicketSource& source);

/// What is left of MaxRuntimeInSeconds, over all attempts; at least 1.
std::int64_t seconds_left(const JobRecord& job, Time now);

}  // namespace millrace::jobs
