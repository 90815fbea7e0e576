#pragma once

#include <string>

#include "generated/aws/sagemaker/types.h"

namespace millrace::jobs {

/// The rules for InputDataConfig that concern several members, or members that this installation
/// does not serve; a part of check_request(). Which names exist is check_sources()'s.
void check_channels(const wire::sagemaker::CreateTrainingJobRequest& request);

/// Input mode of a channel: its own, else the job's.
std::string effective_mode(const wire::sagemaker::Channel& channel,
                           const wire::sagemaker::CreateTrainingJobRequest& request);

}  // namespace millrace::jobs
