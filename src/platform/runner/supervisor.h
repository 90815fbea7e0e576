#pragma once

#include <string>

namespace millrace::runner {

/// `millrace job <workload> --host <host>`: runs one instance of one job, of one endpoint's
/// variant or of a transform job, and tells the daemon how it ended. Returns the process's exit
/// status: 0 when the daemon has heard the outcome.
///
/// Reads its environment: MILLRACE_ADDRESS (unix:<path> or http://host:port), MILLRACE_DATA_DIR,
/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (may be absent), AWS_REGION, and
/// MILLRACE_ALLOW_UNCONFINED: "true" lets jobs run without a sandbox on a machine that cannot make
/// one, MILLRACE_JOB_NETWORK: "host" runs them in the machine's network. Messages go to standard
/// error, one event a line. To be called on the main thread, once in a process.
int run_supervisor(const std::string& workload, const std::string& host);

}  // namespace millrace::runner
