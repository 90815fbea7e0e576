#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/time.h"
#include "platform/hosting/endpoint_record.h"
#include "platform/hosting/endpoint_state.h"
#include "platform/records/connection.h"

namespace millrace::hosting {

/// Asks the fleet for what a change from `before` needs: instances that are new are queued, those
/// that leave are withdrawn, or given until their last requests must have been answered, each of
/// which may take `invocation_timeout`. Those that are gone already are taken out of the state.
void ask_fleet(records::Connection& transaction, const EndpointState& before,
               EndpointRecord& endpoint, Time at, std::chrono::milliseconds invocation_timeout);

/// Whether the endpoint has instances of the fleet, those that leave included.
bool runs_instances(records::Connection& connection, const EndpointRecord& endpoint);

}  // namespace millrace::hosting
