#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/fd.h"
#include "generated/aws/control/types.h"
#include "platform/runner/checkpoints.h"
#include "platform/runner/run_job.h"
#include "platform/runner/sandbox/sandbox.h"

namespace millrace::runner {

/// Writes processingjobconfig.json and resourceconfig.json for the ticket of a processing job, and
/// returns where the program sees them.
Bind write_processing_config(const wire::control::JobTicket& ticket, const Workspace& workspace,
                             bool machine_network);

/// Puts what is to be mounted inside something else behind it, and makes the directories on which
/// it is mounted: a sandbox cannot in what is read-only. Throws Error(Customer) where a file is in
/// the way.
void nest(std::vector<Bind>& binds);

/// The directories that a processing job leaves, on their way to the store.
///
///     ProcessingOutputs outputs(ticket, around, note);
///     outputs.add_binds(binds);
///     outputs.start();
///     ...                      // the program runs
///     outputs.finish();
class ProcessingOutputs {
 public:
  /// Makes the directories, empty. All must outlive this; `note` is called from other threads.
  ProcessingOutputs(const wire::control::JobTicket& ticket, const JobSurroundings& around,
                    std::function<void(std::string_view)> note);

  /// Where the program sees them.
  void add_binds(std::vector<Bind>& binds) const;
  /// Begins to upload what is to be uploaded while the program runs.
  void start();
  /// Uploads the rest, after the program, and says in `outcome` what becomes of it: output that
  /// cannot be stored is a failed job.
  void finish(wire::control::JobOutcome& outcome);

 private:
  [[nodiscard]] std::filesystem::path directory(const wire::control::TicketOutput& output) const;
  void upload(const wire::control::TicketOutput& output, Daemon& daemon);
  void tell_write(const wire::control::TicketOutput& output,
                  const std::optional<Amount>& amount = std::nullopt) const;

  const std::vector<wire::control::TicketOutput> outputs_;
  const JobSurroundings& around_;
  const std::function<void(std::string_view)> note_;
  /// The directories, by output, from before the program started: it owns what is above them, and
  /// could put a link in the place of that.
  std::vector<Fd> opened_;
  std::vector<std::unique_ptr<Checkpoints>> continuous_;  ///< by output; nullptr: at the end
};

/// The beginning of /opt/ml/output/message, at most 1024 bytes; empty when there is none. Text that
/// is no UTF-8 fails the job, which `outcome` then says.
void read_exit_message(const Workspace& workspace, wire::control::JobOutcome& outcome);

}  // namespace millrace::runner
