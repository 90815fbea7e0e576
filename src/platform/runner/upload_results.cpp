#include "platform/runner/upload_results.h"

#include <algorithm>
#include <vector>

#include "core/base/error.h"
#include "core/contract/failure_reason.h"
#include "platform/runner/artifacts.h"
#include "platform/runner/host_trees.h"

namespace millrace::runner {
using wire::control::JobResult;
using wire::control::PlaceAccess;
using wire::control::PlaceKind;

void upload_results(const wire::control::JobTicket& ticket, const JobSurroundings& around,
                    wire::control::JobOutcome& outcome) {
  const auto note = [&](std::string_view line) { around.reporter.note(line); };
  std::vector<HostTree> trees;
  for (const std::string& host : ticket.hosts)
    trees.push_back({.host = host, .root = around.workspace.writable_of(host)});
  const std::unique_ptr<Daemon> daemon = around.connect();
  const auto upload = [&](const char* directory, const char* archive, const char* folder,
                          const char* what) {
    // Said before: what fails half-way has been written to all the same.
    around.residency.touch(PlaceKind::S3, ticket.output_s3_uri, PlaceAccess::Write, what);
    const Amount sent = upload_artifacts(trees, directory,
                                         {.output_uri = ticket.output_s3_uri,
                                          .archive = archive,
                                          .folder = folder,
                                          .compress = ticket.compress_output},
                                         *daemon, around.patience, note);
    around.residency.touch(PlaceKind::S3, ticket.output_s3_uri, PlaceAccess::Write, what, sent);
  };
  const bool failed = outcome.result == JobResult::Failed;
  try {
    if (!failed) {
      upload("model", "model.tar.gz", "model", "the model");
      outcome.model_uploaded = true;
    }
    const bool has_output = std::any_of(trees.begin(), trees.end(), [](const HostTree& tree) {
      return has_content(tree.root, "output/data");
    });
    if (has_output) upload("output/data", "output.tar.gz", "data", "other output");
  } catch (const Error& error) {
    note(error.what());
    if (failed) return;
    outcome.result = JobResult::Failed;
    outcome.failure_reason = failure_reason(error);
  }
}

}  // namespace millrace::runner
