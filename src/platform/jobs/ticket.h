#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/aws/authenticate.h"
#include "platform/catalog/instance_types.h"
#include "platform/catalog/programs.h"
#include "platform/jobs/job_record.h"
#include "platform/records/file_systems.h"

namespace millrace::jobs {

inline constexpr const char* kTrainingLogGroup = "/aws/sagemaker/TrainingJobs";

struct TicketSource {
  const JobRecord& job;
  std::string host;  ///< one of the job's
  const catalog::Program& program;
  const catalog::Resources& machine;
  /// Those that channels name, by id.
  std::map<std::string, records::FileSystemRow> file_systems;
  /// Tells the addresses of this job's hosts from those of others: see
  /// fleet::Fleet::lease_number().
  std::int64_t lease_number = 0;
  /// Keys for the program, and where to use them; ignored for a job with network isolation, which
  /// gets neither.
  std::optional<aws::Credentials> keys;
  std::string endpoint;
  Time now{};
};

/// The orders of a host's supervisor. Throws Error(Platform) when a file system is not there any
/// more.
wire::control::JobTicket ticket_of(const TicketSource& source);

/// The loopback address of a host of a job with several: 127.<1..254>.<0..255>.<number>, where the
/// two middle numbers are the lease's. All hosts share a network, so that an address of its own
/// lets each listen on the same port; only a program that listens on every address (0.0.0.0) finds
/// the port taken by its neighbour. That network may be the machine's, where other jobs are too.
std::string host_address(std::int64_t lease_number, std::int64_t host_number);

/// Ids of the file systems that a request names, each once.
std::vector<std::string> file_systems_of(const wire::sagemaker::CreateTrainingJobRequest& request);

/// What is left of MaxRuntimeInSeconds, over all attempts without the times after interruptions; at
/// least 1.
std::int64_t seconds_left(const JobRecord& job, Time now);

}  // namespace millrace::jobs
