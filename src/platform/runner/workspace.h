#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/contract/paths.h"
#include "core/contract/workload.h"

namespace millrace::runner {

/// The folder of one instance of one job, <data>/work/<job>/<host>/. What the program may write and
/// what it may only read are two trees, so that no writable path leads to the input, whose files
/// are the object store's own:
///
///     writable/{model,code,output/data}   becomes /opt/ml
///     readonly/input/{config,data}        becomes /opt/ml/input
///     scratch/                            becomes /tmp
///     checkpoints/                        becomes what CheckpointConfig.LocalPath says
///     pinned/                             the program never sees: further names of files it reads
///     mounts/                             what is mounted for the job, to be bound where it
///     belongs supervisor.log                      stays behind
class Workspace {
 public:
  /// Makes the folders, empty: what an earlier attempt left is removed.
  Workspace(const std::filesystem::path& data_directory, std::string_view job_name,
            std::string_view host = "algo-1");
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  /// Removes everything but supervisor.log, and what keep_results() says.
  ~Workspace();

  /// Leaves what the program wrote to the host that uploads; the daemon removes it with the job.
  void keep_results() { results_kept_ = true; }

  [[nodiscard]] std::filesystem::path writable() const { return root_ / "writable"; }
  /// The same of another host of the job.
  [[nodiscard]] std::filesystem::path writable_of(std::string_view host) const {
    return root_.parent_path() / host / "writable";
  }
  [[nodiscard]] std::filesystem::path input() const { return root_ / "readonly" / "input"; }
  [[nodiscard]] std::filesystem::path scratch() const { return root_ / "scratch"; }

  /// What the operator supplies to all jobs, <data>/pretrained; nullopt where there is no such
  /// directory. Becomes /opt/ml/input/pretrained, read-only.
  [[nodiscard]] const std::optional<std::filesystem::path>& pretrained() const {
    return pretrained_;
  }

  /// Where a model's server can be reached (core/contract/workload.h).
  [[nodiscard]] std::filesystem::path instance_socket() const {
    return root_ / millrace::instance_socket::kName;
  }

  /// Where the job's first host gives the others its network (network/namespace_sharing.h).
  [[nodiscard]] std::filesystem::path network_socket() const {
    return root_.parent_path() / "network.sock";
  }

  [[nodiscard]] std::filesystem::path checkpoints() const { return root_ / "checkpoints"; }
  [[nodiscard]] std::filesystem::path mounts() const { return root_ / "mounts"; }
  [[nodiscard]] std::filesystem::path pinned() const { return root_ / "pinned"; }

  /// Paths of the contract as this process sees them.
  [[nodiscard]] ContractPaths readable_paths() const { return {.base = root_ / "readonly"}; }
  [[nodiscard]] ContractPaths writable_paths() const { return {.base = writable()}; }

  /// Bytes the job has written.
  [[nodiscard]] std::int64_t used_bytes() const;

 private:
  void clear() const noexcept;

  std::filesystem::path root_;
  std::optional<std::filesystem::path> pretrained_;
  bool results_kept_ = false;
};

}  // namespace millrace::runner
