#include "platform/runner/program_start.h"

#include <utility>
#include <variant>

#include "core/base/error.h"
#include "core/contract/paths.h"
#include "platform/runner/channels/file.h"

namespace millrace::runner {
namespace {

/// What a sandbox would mount below /opt/ml becomes a link in the tree that stands for it.
void link_binds(const SandboxOrder& order) {
  for (const Bind& bind : order.binds) {
    if (bind.source == bind.target) continue;
    const std::filesystem::path below = bind.target.lexically_relative(ContractPaths{}.base);
    if (below.empty() || *below.begin() == "..") {
      throw Error(Blame::Platform,
                  "without a sandbox '" + bind.target.string() +
                      "' cannot be shown to the program. Choose a place below /opt/ml.");
    }
    const std::filesystem::path place = order.writable / below;
    std::filesystem::create_directories(place.parent_path());
    std::filesystem::remove(place);
    std::filesystem::create_directory_symlink(bind.source, place);
  }
}

/// Without a sandbox the program sees one writable tree, so the input must be in it, and must not
/// be the store's files.
std::unique_ptr<Program> start_without_sandbox(const SandboxOrder& order,
                                               const Workspace& workspace) {
  separate_from_store(workspace.input());
  std::filesystem::remove(workspace.writable() / "input");
  std::filesystem::create_directory_symlink(workspace.input(), workspace.writable() / "input");
  link_binds(order);
  return start_unconfined(order);
}

}  // namespace

std::unique_ptr<Program> start_program(
    SandboxOrder order, const Workspace& workspace, bool may_run_unconfined,
    const std::function<void(SandboxOrder& order, const std::string& reason)>& unconfined) {
  auto started = start_sandboxed(order);
  if (auto* program = std::get_if<std::unique_ptr<Program>>(&started)) return std::move(*program);
  const std::string& reason = std::get<SandboxRefusal>(started).reason;
  if (!may_run_unconfined) {
    throw Error(Blame::Platform,
                reason +
                    " Programs run without a sandbox only if the daemon's environment says "
                    "MILLRACE_ALLOW_UNCONFINED=true.");
  }
  if (order.root) {
    throw Error(Blame::Platform,
                reason + " An image with a root file system of its own runs in a sandbox only.");
  }
  unconfined(order, reason);
  return start_without_sandbox(order, workspace);
}

void refuse_unisolated(const std::string& what, const std::string& reason) {
  throw Error(
      Blame::Platform,
      reason + " This " + what +
          " asks for EnableNetworkIsolation, and without a sandbox its program would run in "
          "this machine's network. Make namespaces possible here, or leave "
          "EnableNetworkIsolation out.");
}

}  // namespace millrace::runner
