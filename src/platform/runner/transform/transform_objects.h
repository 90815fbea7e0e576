#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "generated/aws/control/types.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"
#include "platform/runner/transform/model_gate.h"

namespace millrace::runner {

/// What the objects of a transform job are sent through; everything must outlive the call.
struct TransformSurroundings {
  const wire::control::TransformTicket& ticket;
  const ConnectDaemon& connect;
  const Patience& patience;
  ModelGate& gate;
  std::stop_token stop;
  /// A line of the job's data log.
  const std::function<void(std::string_view)>& note;
  /// Counts the objects whose output is stored.
  std::atomic<std::int64_t>& objects_done;
};

/// Asks the model about this host's share of the input objects and stores what it answers:
/// <S3OutputPath>/<key behind the input's prefix>.out for each, whole or not at all. An object that
/// fails does not keep the others from being done. An object whose output an earlier supervisor of
/// the job has stored, from the same version of it, is passed over.
///
/// Requests of one object, and of those that follow, are under way at the same time as far as the
/// settings allow; results are put together in the records' order. What is held in memory depends
/// on the settings and not on the size of objects.
///
/// Returns when all is done, or when `stop` fires or the gate is shut. Throws Error: that of the
/// first object that failed, with how many did; Customer for a source that cannot be listed and an
/// output that cannot be stored; Platform when the daemon is lost.
void transform_objects(const TransformSurroundings& around);

}  // namespace millrace::runner
