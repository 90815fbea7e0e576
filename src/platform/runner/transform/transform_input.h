#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/runner/channels/object_bytes.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// One instance's share of what a transform job reads.
struct TransformInput {
  /// As the store has them now; one that has been deleted since the listing has an empty e_tag.
  std::vector<ChannelObject> objects;
  std::string name_prefix;  ///< of the keys, which names of outputs leave out
};

/// Lists the job's input, unless another of its supervisors, or an earlier one, has: that listing
/// holds for all of them (PinTransformInput), so that objects which come or go meanwhile change
/// nothing in how the others are dealt, and outputs are never inputs of the job that writes them.
/// Ends early, incomplete, when `stop` fires. Throws Error(Customer) for a source that cannot be
/// listed, two inputs with one output, and an output that would replace another input.
TransformInput input_of(const wire::control::TransformTicket& ticket, const ConnectDaemon& connect,
                        const Patience& patience, const std::stop_token& stop);

/// <S3OutputPath>/<key behind the input's prefix>.out
ObjectName output_of(const wire::control::TransformTicket& ticket, std::string_view name_prefix,
                     std::string_view key);

}  // namespace millrace::runner
