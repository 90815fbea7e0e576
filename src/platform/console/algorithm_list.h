#pragma once

#include "platform/catalog/algorithms.h"
#include "platform/catalog/instance_types.h"
#include "platform/console/call.h"

namespace millrace::console {

/// What the forms of the console are drawn from: every built-in algorithm with its images,
/// channels, hyperparameters and metrics, the framework images, and the instance types that are
/// known with what they get on this machine.
///
/// Answers GET /mr/algorithms.
http::Response list_algorithms(const catalog::Algorithms& algorithms,
                               const catalog::Resources& machine);

}  // namespace millrace::console
