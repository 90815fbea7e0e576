#pragma once

#include <string_view>

namespace millrace {

/// What a supervisor looks after is named by its workload: a training job by the job's own name,
/// everything else by "<kind>.<name>", which no job can have since names hold no dot:
///
///     churn-2026-11-28                     a training job
///     endpoint.churn.AllTraffic.3          an endpoint's variant, third generation of instances
///     processing.evaluate                  a processing job
///     transform.score-november             a batch transform job
///
/// It also names the directory of its instances, <data>/work/<workload>/<host>, and is what their
/// keys are issued for.
namespace workload {

inline constexpr std::string_view kTraining;  ///< the empty kind
inline constexpr std::string_view kEndpoint = "endpoint";
inline constexpr std::string_view kProcessing = "processing";
inline constexpr std::string_view kTransform = "transform";

/// What stands before the first dot; kTraining where there is none.
constexpr std::string_view kind_of(std::string_view workload) {
  const std::size_t dot = workload.find('.');
  return dot == std::string_view::npos ? kTraining : workload.substr(0, dot);
}

}  // namespace workload

/// How daemon and supervisor hand over connections to a model's server, over the UNIX socket of
/// this name in the instance's directory: whoever connects gets one message and the end of the
/// stream. The message is kConnected with a descriptor (SCM_RIGHTS) of a socket that leads to the
/// server's port, or kRefused and a sentence.
namespace instance_socket {

inline constexpr std::string_view kName = "instance.sock";
inline constexpr char kConnected = 'c';
inline constexpr char kRefused = 'e';
inline constexpr std::size_t kMaxReasonBytes = 1024;

}  // namespace instance_socket

}  // namespace millrace
