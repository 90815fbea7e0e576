#pragma once

#include "generated/aws/control/types.h"
#include "platform/runner/run_job.h"

namespace millrace::runner {

/// Uploads what the programs of all the ticket's hosts left, whose workspaces lie beside this one:
/// the model unless the job has failed, and other output where there is any. Says in `outcome` what
/// becomes of it: a model that cannot be stored is a failed job; where the job has failed anyway,
/// output is uploaded as well as possible.
void upload_results(const wire::control::JobTicket& ticket, const JobSurroundings& around,
                    wire::control::JobOutcome& outcome);

}  // namespace millrace::runner
