#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "generated/aws/runtime/types.h"
#include "platform/aws/caller.h"
#include "platform/hosting/invocation_metrics.h"
#include "platform/hosting/traffic.h"

namespace millrace::hosting {

/// The runtime service: a request's body and headers go to an instance of the endpoint as POST
/// /invocations, and what it answers comes back. A body reaches no model before all of it has
/// arrived and its signature holds, so that a slow or broken client never occupies a server.
class Invocations {
 public:
  /// Of a request's body and of an answer's.
  static constexpr std::size_t kMaxBodyBytes = 6'291'456;

  struct Options {
    /// For a model to answer, all in all.
    std::chrono::milliseconds timeout = std::chrono::seconds(60);
    /// Invocations that run at once: each holds a thread of the daemon, which has other work too.
    std::int64_t max_running = 192;
  };

  /// `traffic` and `metrics` must outlive this.
  Invocations(Traffic& traffic, InvocationMetrics& metrics, Options options)
      : traffic_(traffic), metrics_(metrics), options_(options) {}

  wire::runtime::InvokeEndpointOutput invoke(const wire::runtime::InvokeEndpointInput& request,
                                             const aws::Caller& caller);

 private:
  struct Call;

  Traffic& traffic_;
  InvocationMetrics& metrics_;
  const Options options_;
  std::atomic<std::int64_t> running_ = 0;
};

}  // namespace millrace::hosting
