#pragma once

#include <string>

#include "generated/aws/control/types.h"
#include "platform/catalog/instance_types.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/program_environment.h"
#include "platform/transform/transform_record.h"

namespace millrace::transform {

struct TransformTicketSource {
  const TransformRecord& job;
  const Host& host;
  const catalog::Program& program;
  const catalog::Resources& machine;
  fleet::ProgramAccess access;  ///< ignored where the model asks for network isolation
};

/// The orders of the supervisor of one instance.
wire::control::TransformTicket ticket_of(const TransformTicketSource& source);

}  // namespace millrace::transform
