#include "platform/runner/sandbox/bubblewrap.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string_view>
#include <system_error>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

/// Options are added in groups of words.
class Options {
 public:
  template <class... Words>
  void add(const Words&... words) {
    (list_.emplace_back(words), ...);
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

void add_namespaces(const SandboxOrder& order, Options& options) {
  options.add("--die-with-parent", "--new-session", "--as-pid-1");
  options.add("--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
              "--unshare-cgroup-try");
  if (!order.network && order.shared == nullptr) options.add("--unshare-net");
  options.add("--hostname", order.host, "--cap-drop", "ALL");
}

/// /usr and the links into it; a machine whose /bin is still a directory of its own gets that.
void add_system(Options& options) {
  options.add("--ro-bind", "/usr", "/usr");
  for (const char* directory : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code failure;
    const fs::file_status status = fs::symlink_status(directory, failure);
    if (fs::is_symlink(status)) {
      options.add("--symlink", fs::read_symlink(directory).string(), directory);
    } else if (fs::is_directory(status)) {
      options.add("--ro-bind", directory, directory);
    }
  }
  // Libraries such as BLAS are chosen by links in the first and found through the second.
  options.add("--ro-bind-try", "/etc/alternatives", "/etc/alternatives");
  options.add("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache");
  // Not all of /etc/ssl, which holds private keys.
  for (const char* path : {"/etc/ssl/certs", "/etc/ssl/openssl.cnf"})
    options.add("--ro-bind-try", path, path);
}

std::string passwd_lines() {
  const std::string ids = std::to_string(::getuid()) + ":" + std::to_string(::getgid());
  std::string lines = "root:x:0:0:root:/tmp:/bin/sh\n";
  if (::getuid() != 0) lines += "job:x:" + ids + ":job:/tmp:/bin/sh\n";
  return lines + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
}

std::string group_lines() {
  std::string lines = "root:x:0:\n";
  if (::getgid() != 0) lines += "job:x:" + std::to_string(::getgid()) + ":\n";
  return lines + "nogroup:x:65534:\n";
}

/// Programs look up every host of resourceconfig.json before they start; without a line here that
/// looks like a hang.
std::string hosts_lines(const SandboxOrder& order) {
  std::string lines = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
  for (const std::string& host : order.hosts) {
    const auto address = order.addresses.find(host);
    lines += (address == order.addresses.end() ? "127.0.0.1" : address->second) + " " + host + "\n";
  }
  return lines;
}

void add_etc(const SandboxOrder& order, Options& options, BubblewrapFiles& files) {
  const auto add_file = [&](const char* path, std::string_view content) {
    files.contents.push_back(memory_file(path, content));
    options.add("--file", std::to_string(files.contents.back().get()), path);
  };
  add_file("/etc/passwd", passwd_lines());
  add_file("/etc/group", group_lines());
  add_file("/etc/hosts", hosts_lines(order));
  // Where there is nobody to ask, a name that is not known fails at once.
  const std::string hosts = order.network ? "files dns" : "files";
  add_file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: " + hosts + "\n");
  std::error_code failure;
  if (order.network && fs::exists("/etc/resolv.conf", failure)) {
    constexpr std::size_t kMaxResolvBytes = 64 * 1024;
    add_file("/etc/resolv.conf", read_file("/etc/resolv.conf", kMaxResolvBytes));
  }
}

void add_job(const SandboxOrder& order, Options& options) {
  options.add("--proc", "/proc", "--dev", "/dev");
  options.add("--perms", "1777", "--tmpfs", "/dev/shm");
  options.add("--bind", order.scratch.string(), "/tmp", "--dir", "/run");
  options.add("--bind", order.writable.string(), "/opt/ml");
  options.add("--ro-bind", order.input.string(), "/opt/ml/input");
  for (const Bind& bind : order.binds) {
    options.add(bind.writable ? "--bind" : "--ro-bind", bind.source.string(), bind.target.string());
  }
  // The root itself is a file system in memory; nothing should grow there.
  options.add("--remount-ro", "/", "--chdir", "/opt/ml");
}

}  // namespace

Fd memory_file(const char* name, std::string_view content) {
  Fd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file) throw_errno("preparing the sandbox: memfd_create");
  write_all(file.get(), content);
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw_errno("preparing the sandbox: lseek");
  return file;
}

std::vector<std::string> bubblewrap_options(const SandboxOrder& order, BubblewrapFiles& files) {
  Options options;
  add_namespaces(order, options);
  add_system(options);
  add_etc(order, options, files);
  add_job(order, options);
  options.add("--clearenv");
  for (const auto& [name, value] : order.environment) options.add("--setenv", name, value);
  options.add("--seccomp", std::to_string(files.syscall_filter.get()));
  options.add("--json-status-fd", std::to_string(files.status.get()));
  if (files.gate) options.add("--block-fd", std::to_string(files.gate.get()));
  return options.take();
}

}  // namespace millrace::runner
