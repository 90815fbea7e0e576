#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/base/fd.h"
#include "platform/runner/network/namespace.h"

namespace millrace::runner {

/// Hands the network namespace of a job's first host to its other hosts, over a UNIX socket in the
/// job's directory: whoever connects gets a message with the descriptor of the network namespace
/// and one with that of the user namespace that owns it, if there is one to join (SCM_RIGHTS). One
/// thread.
class NamespaceGiver {
 public:
  /// Listens at `path`, whose directory exists, with mode 0600. `inside` must outlive this. Throws
  /// Error(Platform).
  NamespaceGiver(const std::filesystem::path& path, const NetworkNamespace& inside);
  NamespaceGiver(const NamespaceGiver&) = delete;
  NamespaceGiver& operator=(const NamespaceGiver&) = delete;
  /// Removes the socket.
  ~NamespaceGiver();

  /// Waits until so many have been given to, or `stop` fires.
  void wait_for(std::size_t takers, const std::stop_token& stop);

 private:
  void run(const std::stop_token& end);

  const std::filesystem::path path_;
  const NetworkNamespace& inside_;
  Fd listener_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t given_ = 0;  ///< under mutex_
  std::jthread thread_;
};

/// Asks at `path` until somebody gives; an empty NetworkNamespace when `stop` fires before. Throws
/// Error(Platform).
NetworkNamespace take_namespace(const std::filesystem::path& path, const std::stop_token& stop);

}  // namespace millrace::runner
