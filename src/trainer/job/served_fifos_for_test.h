#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/contract/paths.h"
#include "core/io/file.h"

namespace millrace {

/// The platform's side of a Pipe channel, for tests: one FIFO per epoch, each served when a reader
/// comes, in order. A reader may leave early or not come at all.
///
/// With `written` the last epoch does not end while this object is there: it is called once the
/// bytes are written.
class ServedFifos {
 public:
  ServedFifos(const ContractPaths& paths, const std::string& channel,
              std::vector<std::string> epochs, std::function<void()> written = {}) {
    ::signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directories(paths.input_data());
    std::vector<std::filesystem::path> fifos;
    for (std::size_t epoch = 0; epoch < epochs.size(); ++epoch) {
      fifos.push_back(paths.fifo(channel, static_cast<std::int64_t>(epoch)));
      if (::mkfifo(fifos.back().c_str(), 0600) != 0) throw_errno("making a FIFO");
    }
    server_ = std::jthread([fifos = std::move(fifos), epochs = std::move(epochs),
                            written = std::move(written)](const std::stop_token& stop) {
      for (std::size_t i = 0; i < fifos.size() && !stop.stop_requested(); ++i) {
        const Fd fd = serve(fifos[i], epochs[i], stop);
        if (!written || i + 1 < fifos.size()) continue;
        written();
        while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }

 private:
  static Fd serve(const std::filesystem::path& fifo, std::string_view bytes,
                  const std::stop_token& stop) {
    // With O_NONBLOCK opening fails until a reader has come, instead of waiting beyond the test.
    Fd fd;
    while (!fd && !stop.stop_requested()) {
      fd = Fd(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
      if (!fd) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    while (!bytes.empty() && !stop.stop_requested()) {
      const ssize_t wrote = ::write(fd.get(), bytes.data(), bytes.size());
      if (wrote > 0) bytes.remove_prefix(static_cast<std::size_t>(wrote));
      if (wrote < 0 && errno == EPIPE) break;
      if (wrote < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return fd;
  }

  std::jthread server_;
};

}  // namespace millrace
