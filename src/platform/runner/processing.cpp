#include "platform/runner/processing.h"

#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "core/contract/paths.h"
#include "core/io/file.h"
#include "platform/runner/artifacts.h"
#include "platform/runner/job_setup.h"
#include "platform/runner/left_file.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using wire::control::JobOutcome;
using wire::control::JobResult;
using wire::control::JobTicket;
using wire::control::PlaceAccess;
using wire::control::PlaceKind;
using wire::control::TicketOutput;

constexpr std::size_t kMaxMessageBytes = 1024;

/// "/opt/ml/processing/output" as "processing/output".
fs::path below_base(const std::string& path) {
  fs::path below = fs::path(path).lexically_normal().lexically_relative(ContractPaths{}.base);
  return below.has_filename() ? below : below.parent_path();
}

void fail(JobOutcome& outcome, const Error& error) {
  if (outcome.result == JobResult::Failed) return;
  outcome.result = JobResult::Failed;
  outcome.failure_reason = failure_reason(error);
}

std::string called(const TicketOutput& output) {
  return "output '" + output.output_name + "'";
}

/// A directory that stays the same whatever the program makes of the path that led to it.
fs::path held(const Fd& directory) {
  return "/proc/self/fd/" + std::to_string(directory.get()) + "/.";
}

}  // namespace

Bind write_processing_config(const JobTicket& ticket, const Workspace& workspace,
                             bool machine_network) {
  const fs::path directory = workspace.readable_paths().base / "config";
  fs::create_directories(directory);
  write_config(directory / "processingjobconfig.json", ticket.processing->config);
  write_config(directory / "resourceconfig.json", resource_config(ticket, machine_network));
  return {.source = directory, .target = ContractPaths{}.base / "config"};
}

void nest(std::vector<Bind>& binds) {
  const auto depth = [](const Bind& bind) {
    return std::distance(bind.target.begin(), bind.target.end());
  };
  std::stable_sort(binds.begin(), binds.end(),
                   [&](const Bind& a, const Bind& b) { return depth(a) < depth(b); });
  for (const Bind& outer : binds) {
    for (const Bind& inner : binds) {
      const fs::path below = inner.target.lexically_relative(outer.target);
      if (below.empty() || below == "." || *below.begin() == "..") continue;
      std::error_code failure;
      fs::create_directories(outer.source / below, failure);
      if (!failure) continue;
      if (failure != std::errc::not_a_directory && failure != std::errc::file_exists) {
        throw Error(Blame::Platform, "making '" + inner.target.string() + "' in '" +
                                         outer.target.string() + "': " + failure.message());
      }
      throw Error(Blame::Customer,
                  "'" + inner.target.string() +
                      "' cannot be a directory of the job: the input at '" + outer.target.string() +
                      "' has a file of that name, or of a directory on the way. Choose another "
                      "LocalPath for one of them.");
    }
  }
}

ProcessingOutputs::ProcessingOutputs(const JobTicket& ticket, const JobSurroundings& around,
                                     std::function<void(std::string_view)> note)
    : outputs_(ticket.processing->outputs), around_(around), note_(std::move(note)) {
  for (const TicketOutput& output : outputs_) {
    fs::create_directories(directory(output));
    opened_.emplace_back(
        ::open(directory(output).c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!opened_.back()) throw_errno("opening the directory of " + called(output));
    std::unique_ptr<Checkpoints> mirror;
    if (output.continuous) {
      mirror = std::make_unique<Checkpoints>(held(opened_.back()), output.s3_uri, around.connect,
                                             around.patience, note_,
                                             MirrorTerms{.what = called(output), .deletes = false});
    }
    continuous_.push_back(std::move(mirror));
  }
}

fs::path ProcessingOutputs::directory(const TicketOutput& output) const {
  return around_.workspace.writable() / below_base(output.local_path);
}

void ProcessingOutputs::add_binds(std::vector<Bind>& binds) const {
  for (const TicketOutput& output : outputs_) {
    binds.push_back({.source = directory(output),
                     .target = ContractPaths{}.base / below_base(output.local_path),
                     .writable = true});
  }
}

void ProcessingOutputs::start() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (!continuous_[i]) continue;
    tell_write(outputs_[i]);
    continuous_[i]->start();
  }
}

void ProcessingOutputs::tell_write(const TicketOutput& output,
                                   const std::optional<Amount>& amount) const {
  around_.residency.touch(PlaceKind::S3, output.s3_uri, PlaceAccess::Write, called(output), amount);
}

void ProcessingOutputs::finish(JobOutcome& outcome) {
  std::unique_ptr<Daemon> daemon;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const TicketOutput& output = outputs_[i];
    try {
      if (continuous_[i]) {
        continuous_[i]->finish();
        tell_write(output, continuous_[i]->written());
      } else {
        if (!daemon) daemon = around_.connect();
        upload(output, *daemon);
      }
    } catch (const Error& error) {
      note_(error.what());
      fail(outcome, error);
    }
  }
}

void ProcessingOutputs::upload(const TicketOutput& output, Daemon& daemon) {
  // Said before: what fails half-way has been written to all the same.
  tell_write(output);
  const Amount sent = upload_artifacts(
      {{.host = {}, .root = around_.workspace.writable()}}, below_base(output.local_path),
      {.output_uri = output.s3_uri, .archive = {}, .folder = {}, .compress = false}, daemon,
      around_.patience, note_);
  tell_write(output, sent);
}

void read_exit_message(const Workspace& workspace, JobOutcome& outcome) {
  std::string message = read_left_file(workspace, "output/message", kMaxMessageBytes);
  // The last character may have been cut.
  const bool cut = message.size() == kMaxMessageBytes;
  for (int dropped = 0; cut && dropped < 3 && !is_valid_utf8(message); ++dropped)
    message.pop_back();
  if (!is_valid_utf8(message)) {
    fail(outcome, Error(Blame::Customer,
                        "/opt/ml/output/message is not UTF-8, as an exit message has to be"));
    return;
  }
  if (!message.empty()) outcome.exit_message = std::move(message);
}

}  // namespace millrace::runner
