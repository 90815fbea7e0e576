#include "core/io/partial_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

/// Ends the process as the signal would have, had nobody waited for it.
[[noreturn]] void end_by(int signal, const sigset_t& set) {
  ::signal(signal, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

/// Before it has its name: after a power cut there must be no name with nothing behind it.
void sync_whole(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fdatasync(file.get()) != 0) throw_errno("syncing " + path.string());
  } else {
    // A folder of many small files: all at once, where each alone would wait for the disk.
    const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::syncfs(folder.get()) != 0) throw_errno("syncing " + path.string());
  }
}

}  // namespace

PartialOutput::PartialOutput(std::filesystem::path target)
    : target_(std::move(target)), partial_(partial_path(target_)) {
  std::filesystem::remove_all(partial_);
  start();
}

PartialOutput::PartialOutput(std::filesystem::path target, std::function<void()> before_end)
    : target_(std::move(target)),
      partial_(partial_path(target_)),
      before_end_(std::move(before_end)) {
  start();
}

void PartialOutput::start() {
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  wake_ = Fd(::eventfd(0, EFD_CLOEXEC));
  if (!signals_ || !wake_) throw_errno("watching for Ctrl-C");
  watcher_ = std::jthread([this] { watch(); });
}

PartialOutput::~PartialOutput() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t wrote = ::write(wake_.get(), &one, sizeof one);
  watcher_.join();
  std::error_code ignored;
  if (!before_end_) std::filesystem::remove_all(partial_, ignored);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void PartialOutput::watch() {
  pollfd waiting[] = {{signals_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
  while (::poll(waiting, 2, -1) < 0) {
  }
  signalfd_siginfo info{};
  if (::read(signals_.get(), &info, sizeof info) != sizeof info) return;
  const std::scoped_lock lock(naming_);
  if (before_end_) {
    before_end_();
    end_by(static_cast<int>(info.ssi_signo), ending_signals());
  }
  // Moved away first: the thread that writes may still be making files in a folder, and must not
  // fill it again behind us.
  const std::filesystem::path doomed = partial_.string() + ".removed";
  std::error_code ignored;
  std::filesystem::rename(partial_, doomed, ignored);
  std::filesystem::remove_all(doomed, ignored);
  end_by(static_cast<int>(info.ssi_signo), ending_signals());
}

void PartialOutput::commit() {
  const std::scoped_lock lock(naming_);
  sync_whole(partial_);
  if (::rename(partial_.c_str(), target_.c_str()) != 0)
    throw_errno("renaming to " + target_.string());
  sync_directory(target_.has_parent_path() ? target_.parent_path() : ".");
}

void PartialOutput::replace() {
  {
    const std::scoped_lock lock(naming_);
    sync_whole(partial_);
    if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
      // What was there has the partial name now, and goes with this object.
      sync_directory(target_.has_parent_path() ? target_.parent_path() : ".");
      return;
    }
    if (errno != ENOENT) throw_errno("exchanging " + target_.string());
  }
  commit();
}

std::filesystem::path partial_path(const std::filesystem::path& target) {
  return target.string() + ".partial";
}

}  // namespace millrace
