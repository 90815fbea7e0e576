#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/aws/bucket_names.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::jobs {

/// What a residency report needs to know of a job besides what its supervisors have said.
struct ResidencySubject {
  std::string workload;  ///< with the name as given
  std::string status;
  Time created{};
  std::optional<Time> ended;
  std::vector<std::string> outputs;  ///< s3 URIs below which it writes
};

/// Residency reports: every place that a job's data touched. Three sources:
///
///   * what supervisors say of the places they moved data between, and of the network their
///     program ran in, with every report that finds it changed (record());
///   * what the job's own keys asked of the daemon, from the audit log;
///   * who else has read what the job has written, from the audit log.
class Residency {
 public:
  /// nullopt when there is no such job.
  using Find = std::function<std::optional<ResidencySubject>(
      records::Connection& connection, const std::string& account, const std::string& name)>;

  /// `database` must outlive this; `kinds` by kind of workload (core/contract/workload.h).
  Residency(records::Database& database, std::filesystem::path audit,
            std::map<std::string, Find, std::less<>> kinds, aws::FindAccessPoint access_points)
      : database_(database),
        audit_(std::move(audit)),
        kinds_(std::move(kinds)),
        access_points_(std::move(access_points)) {}

  wire::control::DescribeJobResidencyResponse describe(
      const wire::control::DescribeJobResidencyRequest& request, const aws::Caller& caller);

  static void record(records::Connection& transaction, const std::string& account,
                     const std::string& workload, const std::string& host,
                     const wire::control::HostResidency& residency);

 private:
  records::Database& database_;
  const std::filesystem::path audit_;
  const std::map<std::string, Find, std::less<>> kinds_;
  const aws::FindAccessPoint access_points_;
};

/// What all hosts and attempts of a job have touched together, the places in the order of their
/// names.
struct JoinedResidency {
  wire::control::JobNetwork network;
  std::vector<wire::control::JobPlace> places;
};

/// `runs` with the name of its host each.
JoinedResidency join_residency(
    const std::vector<std::pair<std::string, wire::control::HostResidency>>& runs);

}  // namespace millrace::jobs
