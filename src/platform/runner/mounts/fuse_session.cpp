#include "platform/runner/mounts/fuse_session.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

/// What one READ may ask for: the most that the kernel hands to a file system.
constexpr unsigned kMaxReadBytes = 1 << 20;
/// What the kernel asks for in advance of a sequential reader.
constexpr unsigned kReadaheadBytes = 4 << 20;

/// libfuse's options, as its command line.
class Arguments {
 public:
  explicit Arguments(const std::vector<std::string>& words) {
    for (const std::string& word : words) ::fuse_opt_add_arg(&args_, word.c_str());
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments() { ::fuse_opt_free_args(&args_); }
  fuse_args* get() { return &args_; }

 private:
  fuse_args args_ = FUSE_ARGS_INIT(0, nullptr);
};

[[noreturn]] void cannot_mount(const std::string& why) {
  throw Error(
      Blame::Platform,
      "a FUSE file system cannot be mounted here: " + why +
          ". Run the daemon as root, or install the package fuse3 and let the daemon's user open "
          "/dev/fuse.");
}

/// The kernel's own answer, which libfuse only prints.
void require_device() {
  const Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!device) cannot_mount(std::string("/dev/fuse: ") + std::strerror(errno));
}

}  // namespace

void agree_on(fuse_conn_info& connection, unsigned capabilities) {
  connection.max_read = kMaxReadBytes;
  connection.max_readahead = kReadaheadBytes;
  connection.want |= connection.capable & capabilities;
}

FuseSession::FuseSession(const fuse_lowlevel_ops& operations, void* view,
                         const FuseOptions& options)
    : end_(::eventfd(0, EFD_CLOEXEC)) {
  if (!end_) throw_errno("mounting: eventfd");
  require_device();
  Arguments arguments({"millrace", "-o",
                       "default_permissions,subtype=millrace,fsname=" + options.name +
                           ",max_read=" + std::to_string(kMaxReadBytes) +
                           (options.read_only ? ",ro" : "")});
  session_.reset(::fuse_session_new(arguments.get(), &operations, sizeof operations, view));
  if (!session_) cannot_mount("libfuse refuses the options");
  if (::fuse_session_mount(session_.get(), options.directory.c_str()) != 0)
    cannot_mount("mount was refused; the supervisor's log has libfuse's words");
  // Several threads wait for the same descriptor; those that come too late must not wait in read.
  const int device = ::fuse_session_fd(session_.get());
  ::fcntl(device, F_SETFL, ::fcntl(device, F_GETFL) | O_NONBLOCK);
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { serve(); });
  set_readahead(options);
}

FuseSession::~FuseSession() {
  stop_hearing();
  ::fuse_session_unmount(session_.get());
}

void FuseSession::stop_hearing() {
  ::eventfd_write(end_.get(), 1);
  threads_.clear();
}

void FuseSession::serve() {
  fuse_buf buffer{};
  pollfd waiting[] = {{.fd = ::fuse_session_fd(session_.get()), .events = POLLIN, .revents = 0},
                      {.fd = end_.get(), .events = POLLIN, .revents = 0}};
  while (::fuse_session_exited(session_.get()) == 0) {
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) break;
    if (waiting[1].revents != 0) break;
    const int got = ::fuse_session_receive_buf(session_.get(), &buffer);
    if (got == -EINTR || got == -EAGAIN) continue;
    if (got <= 0) break;
    ::fuse_session_process_buf(session_.get(), &buffer);
  }
  std::free(buffer.mem);
}

/// The kernel's default of 128 KiB keeps a sequential reader waiting for a round trip each time.
/// Only root may change it; others read more slowly.
void FuseSession::set_readahead(const FuseOptions& options) const {
  struct stat status {};
  if (::stat(options.directory.c_str(), &status) != 0) return;
  const std::string path = "/sys/class/bdi/" + std::to_string(major(status.st_dev)) + ":" +
                           std::to_string(minor(status.st_dev)) + "/read_ahead_kb";
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string value = std::to_string(kReadaheadBytes / 1024);
  if (file && ::write(file.get(), value.data(), value.size()) < 0) return;
}

}  // namespace millrace::runner
