#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "platform/runner/network/door.h"
#include "platform/runner/serving/server_gate.h"

namespace millrace::runner {

/// Answers at an instance's socket (core/contract/workload.h): whoever connects there gets a socket
/// that leads through the door, or why there is none. One thread; it is the daemon that connects,
/// and the daemon that it believes.
class InstanceListener final : public ServerGate {
 public:
  /// Listens at `path`, whose directory exists, with mode 0600; what an earlier supervisor left
  /// there is replaced. Throws Error(Platform).
  explicit InstanceListener(const std::filesystem::path& path);
  InstanceListener(const InstanceListener&) = delete;
  InstanceListener& operator=(const InstanceListener&) = delete;
  /// Removes the socket.
  ~InstanceListener() override;

  void open(std::shared_ptr<Door> door) override;
  /// From now on callers get this sentence; those that have a socket keep it.
  void close(std::string reason) override;

 private:
  struct State {
    std::shared_ptr<Door> door;
    std::string reason = "it is starting";
  };

  void run(const std::stop_token& end);
  void answer(int caller);

  const std::filesystem::path path_;
  Fd listener_;
  Guarded<State> state_;
  std::jthread thread_;
};

}  // namespace millrace::runner
