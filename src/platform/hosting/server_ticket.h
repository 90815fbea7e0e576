#pragma once

#include <map>
#include <optional>
#include <string>

#include "generated/aws/control/types.h"
#include "platform/catalog/instance_types.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/program_environment.h"
#include "platform/hosting/endpoint_record.h"

namespace millrace::hosting {

/// What the server of any workload is made of.
struct ModelServer {
  std::string workload;
  std::string host;
  std::string region;
  const wire::sagemaker::CreateModelInput& model;
  /// Over those of the model's container.
  std::map<std::string, std::string> environment;
  const catalog::Program& program;
  catalog::Resources limits;
  const catalog::Resources& machine;
  /// nullopt: network isolation.
  std::optional<fleet::ProgramAccess> access;
  std::string log_group;
  std::string log_stream;
};

/// The orders of its supervisor, with the published start-up time and volume.
wire::control::ServerTicket server_ticket(const ModelServer& server);

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
