#pragma once

#include <optional>
#include <string>

#include "generated/aws/control/types.h"
#include "platform/catalog/instance_types.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/program_environment.h"
#include "platform/hosting/endpoint_record.h"

namespace millrace::hosting {

struct ServerTicketSource {
  const EndpointRecord& endpoint;
  const Variant& variant;
  const Instance& instance;
  bool network_isolation = false;
  const catalog::Program& program;
  const catalog::Resources& machine;
  fleet::ProgramAccess access;  ///< ignored with network isolation
};

/// The orders of the supervisor of one instance.
wire::control::ServerTicket server_ticket(const ServerTicketSource& source);

}  // namespace millrace::hosting
