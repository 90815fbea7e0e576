#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/guarded.h"
#include "generated/aws/control/types.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/fleet.h"
#include "platform/hosting/endpoint_record.h"
#include "platform/hosting/names.h"
#include "platform/hosting/traffic.h"
#include "platform/records/database.h"

namespace millrace::hosting {

/// Endpoints: the operations of SageMaker and of the supervisors of models' servers, over the life
/// that endpoint_state.h describes.
///
/// An endpoint is a row before it is a process, as a training job. Instances demand no CPUs of the
/// fleet: an endpoint idles most of its time, and holding them would keep every job waiting for
/// ever. What requests meet is published to Traffic after each change.
class Endpoints {
 public:
  /// All references must outlive this. `invocation_timeout` is what a model has to answer: requests
  /// of instances that leave are waited for as long.
  Endpoints(records::Database& database, fleet::Fleet& fleet, const catalog::Programs& programs,
            Traffic& traffic, std::chrono::milliseconds invocation_timeout);
  /// Stops the fleet, which calls back into this.
  ~Endpoints();
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  /// Publishes the endpoints of an earlier run and asks the fleet for instances that are missing.
  /// Once, before requests are answered.
  void restore();
  /// Where programs reach the daemon, "http://127.0.0.1:9000"; supervisors get no tickets before.
  void set_endpoint(const std::string& url);
  /// What the fleet is to call.
  fleet::Fleet::Handlers handlers();

  wire::sagemaker::CreateEndpointOutput create(const wire::sagemaker::CreateEndpointInput& request,
                                               const aws::Caller& caller);
  wire::sagemaker::DescribeEndpointOutput describe(
      const wire::sagemaker::DescribeEndpointInput& request, const aws::Caller& caller);
  wire::sagemaker::ListEndpointsOutput list(const wire::sagemaker::ListEndpointsInput& request,
                                            const aws::Caller& caller);
  wire::sagemaker::UpdateEndpointOutput update(const wire::sagemaker::UpdateEndpointInput& request,
                                               const aws::Caller& caller);
  wire::sagemaker::UpdateEndpointWeightsAndCapacitiesOutput update_weights(
      const wire::sagemaker::UpdateEndpointWeightsAndCapacitiesInput& request,
      const aws::Caller& caller);
  wire::Empty remove(const wire::sagemaker::DeleteEndpointInput& request,
                     const aws::Caller& caller);

  /// Only for the workload's own supervisor, as report().
  wire::control::GetServerTicketResponse get_ticket(
      const wire::control::GetServerTicketRequest& request, const aws::Caller& caller);
  wire::control::ReportServerResponse report(const wire::control::ReportServerRequest& request,
                                             const aws::Caller& caller);

  /// What handlers() has the fleet call.
  fleet::AfterEnd supervisor_ended(records::Connection& transaction,
                                   const fleet::SupervisorEnd& end);

  /// Lets every instance end, for a daemon that is to leave nothing running; endpoints come back
  /// with the next one. Returns whether there are any.
  bool stop_all();
  [[nodiscard]] bool any_running() const;

  static std::optional<std::string> arn_of(records::Connection& connection,
                                           const std::string& account, const std::string& name);

 private:
  void follow(records::Connection& transaction, const EndpointState& before,
              EndpointRecord& endpoint, Time at);
  template <class Change>
  EndpointRecord change(const aws::Caller& caller, const std::string& name, Change&& make);
  void save(records::Connection& transaction, const EndpointRecord& endpoint);
  void publish(const EndpointRecord& endpoint);
  void forget(const std::string& account, const std::string& name);
  [[nodiscard]] std::shared_ptr<const EndpointRecord> known(const std::string& account,
                                                            const std::string& name) const;
  void record_metrics(const std::string& account,
                      const wire::control::ReportServerRequest& request);
  [[nodiscard]] bool may_stop(const EndpointRecord& endpoint, std::int64_t generation,
                              Time at) const;

  records::Database& database_;
  fleet::Fleet& fleet_;
  const catalog::Programs& programs_;
  Traffic& traffic_;
  const std::chrono::milliseconds invocation_timeout_;
  Guarded<std::optional<std::string>> daemon_url_;
  /// Every endpoint as it was last made durable, by account and lower-case name: what a heartbeat,
  /// which nearly always says nothing new, is compared with.
  Guarded<std::map<std::pair<std::string, std::string>, std::shared_ptr<const EndpointRecord>>>
      known_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace millrace::hosting
