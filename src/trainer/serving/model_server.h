#pragma once

#include <atomic>
#include <memory>

#include "core/base/turns.h"
#include "core/http/message.h"
#include "core/http/server.h"
#include "trainer/job/log.h"
#include "trainer/job/scorer.h"
#include "trainer/serving/settings.h"

namespace millrace::serving {

/// A trained model behind the endpoints of a hosting container:
///
///     GET  /ping                   200 as long as this exists
///     POST /invocations            the scorer's answer to the body
///     GET  /execution-parameters   what batch transform should send
///
/// A fault of the request is answered with 400, 413 where it is longer than the settings allow, 415
/// and 406 where a type is unknown, 503 where too many wait for answers already, and the reason as
/// text; 500 is a fault of ours. Source: Amazon SageMaker Developer Guide, "Use Your Own Inference
/// Code with Hosting Services".
class ModelServer {
 public:
  /// Makes the scorer ready, which must outlive this, then listens. Throws Error(Platform) naming
  /// address and port when it cannot.
  ModelServer(Scorer& scorer, const Settings& settings, Log& log);
  /// Answers the requests that are being computed, for a few seconds, and takes no others.
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  http::Response respond(http::Request& request);
  http::Response invoke(http::Request& request);
  [[nodiscard]] http::Response execution_parameters() const;

  Scorer& scorer_;
  const Settings settings_;
  Log& log_;
  std::atomic<int> invocations_{0};
  Turns large_requests_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace millrace::serving
