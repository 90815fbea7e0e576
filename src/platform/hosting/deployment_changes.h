#pragma once

#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/programs.h"
#include "platform/hosting/endpoint_record.h"
#include "platform/records/connection.h"

namespace millrace::hosting {

/// What requests make of an endpoint's deployment. All throw Error(Customer) for what they refuse.

/// That of a configuration, with its models as they are now.
Deployment deployment_of(records::Connection& connection, const catalog::Programs& programs,
                         const aws::Caller& caller, const std::string& config_name);

/// One that is being changed, or that was never made, is not changed.
void refuse_busy(const EndpointRecord& endpoint);
void refuse_without_weight(const Deployment& deployment);

/// `next` keeps what UpdateEndpointWeightsAndCapacities may have changed of `current`, as far as
/// the request says so.
void retain_properties(const wire::sagemaker::UpdateEndpointInput& request,
                       const Deployment& current, Deployment& next);

/// Variants that get another number of instances become another generation.
void set_weights_and_counts(const wire::sagemaker::UpdateEndpointWeightsAndCapacitiesInput& request,
                            Deployment& next);

const Variant* variant_named(const Deployment& deployment, const std::string& name);

}  // namespace millrace::hosting
