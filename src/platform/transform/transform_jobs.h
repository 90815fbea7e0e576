#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/guarded.h"
#include "generated/aws/control/types.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/fleet.h"
#include "platform/jobs/object_lookup.h"
#include "platform/records/database.h"
#include "platform/transform/transform_record.h"

namespace millrace::transform {

/// Batch transform: the operations of SageMaker and of their supervisors, over the life that
/// transform_state.h describes.
///
/// As with training jobs a job is a row before it is a process, its name is unique in the account
/// whatever the region and the case, and it waits in the fleet's queue for its instances. It keeps
/// a copy of its model, which may be deleted while it runs.
class TransformJobs {
 public:
  /// All references must outlive this.
  TransformJobs(records::Database& database, fleet::Fleet& fleet, const catalog::Programs& programs,
                jobs::ObjectLookup objects);
  /// Stops the fleet, which calls back into this.
  ~TransformJobs();
  TransformJobs(const TransformJobs&) = delete;
  TransformJobs& operator=(const TransformJobs&) = delete;

  /// Where programs reach the daemon, "http://127.0.0.1:9000"; supervisors get no tickets before.
  void set_endpoint(const std::string& url);
  /// What the fleet is to call.
  fleet::Fleet::Handlers handlers();

  wire::sagemaker::CreateTransformJobResponse create(
      const wire::sagemaker::CreateTransformJobRequest& request, const aws::Caller& caller);
  wire::sagemaker::DescribeTransformJobResponse describe(
      const wire::sagemaker::DescribeTransformJobRequest& request, const aws::Caller& caller);
  wire::sagemaker::ListTransformJobsResponse list(
      const wire::sagemaker::ListTransformJobsRequest& request, const aws::Caller& caller);
  wire::Empty stop(const wire::sagemaker::StopTransformJobRequest& request,
                   const aws::Caller& caller);

  /// Only for the workload's own supervisor, as report().
  wire::control::GetTransformTicketResponse get_ticket(
      const wire::control::GetTransformTicketRequest& request, const aws::Caller& caller);
  wire::control::ReportTransformResponse report(
      const wire::control::ReportTransformRequest& request, const aws::Caller& caller);

  /// What the job reads: one of its supervisors lists it and says so, and all of them, and those
  /// that follow, work through that. So neither does an object come to two of them or to none when
  /// others are put below the prefix, nor does the job read what it has written itself.
  wire::control::PinTransformInputResponse pin_input(
      const wire::control::PinTransformInputRequest& request, const aws::Caller& caller);
  wire::control::GetTransformInputResponse get_input(
      const wire::control::GetTransformInputRequest& request, const aws::Caller& caller);

  /// What handlers() has the fleet call.
  fleet::AfterEnd supervisor_ended(records::Connection& transaction,
                                   const fleet::SupervisorEnd& end);

  /// Asks every unfinished job to stop, for a daemon that is to leave nothing running; returns how
  /// many there are.
  std::int64_t stop_all();
  [[nodiscard]] std::int64_t unfinished() const;

  static std::optional<std::string> arn_of(records::Connection& connection,
                                           const std::string& account, const std::string& name);

 private:
  template <class Change>
  TransformRecord change(const std::string& account, const std::string& name, Change&& make);

  records::Database& database_;
  fleet::Fleet& fleet_;
  const catalog::Programs& programs_;
  const jobs::ObjectLookup objects_;
  Guarded<std::optional<std::string>> daemon_url_;
};

}  // namespace millrace::transform
