#pragma once

#include <unistd.h>

#include <exception>
#include <functional>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "core/contract/config_files.h"
#include "trainer/job/job_folder.h"

namespace millrace {

/// The hosts of a job for tests: threads of this process, named by loopback addresses that no other
/// process's tests have.
class HostsForTest {
 public:
  explicit HostsForTest(int count) {
    const std::string block = "127." + std::to_string(1 + ::getpid() / 256 % 254) + "." +
                              std::to_string(::getpid() % 256) + ".";
    for (int host = 1; host <= count; ++host) names_.push_back(block + std::to_string(host));
  }

  /// What resourceconfig.json says on host `index`.
  [[nodiscard]] ResourceConfig resources(std::size_t index) const {
    return {.current_host = names_.at(index), .hosts = names_, .network_interface = "lo"};
  }

  /// Runs `body` on all of them at once; rethrows what the first to fail in their order threw.
  void run(const std::function<void(std::size_t index)>& body) const {
    std::vector<std::exception_ptr> failures(names_.size());
    std::vector<std::thread> running;
    for (std::size_t host = 0; host < names_.size(); ++host) {
      running.emplace_back([&, host] {
        try {
          body(host);
        } catch (...) {
          failures[host] = std::current_exception();
        }
      });
    }
    for (std::thread& thread : running) thread.join();
    for (const std::exception_ptr& failure : failures)
      if (failure) std::rethrow_exception(failure);
  }

 private:
  std::vector<std::string> names_;
};

/// `run(folder)` on as many hosts as there are folders, at once; each folder is told who they are.
inline void run_together(std::initializer_list<const JobFolder*> folders,
                         const std::function<void(const JobFolder&)>& run) {
  const HostsForTest hosts(static_cast<int>(folders.size()));
  const std::vector<const JobFolder*> list(folders);
  hosts.run([&](std::size_t host) {
    list[host]->set_resources(hosts.resources(host));
    run(*list[host]);
  });
}

}  // namespace millrace
