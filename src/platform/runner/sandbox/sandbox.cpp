#include "platform/runner/sandbox/sandbox.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
// glibc 2.36 declares these functions without C linkage.
extern "C" {
#include <sys/pidfd.h>
}

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <variant>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/runner/sandbox/bubblewrap.h"
#include "platform/runner/sandbox/overlay.h"
#include "platform/runner/sandbox/syscall_filter.h"

namespace millrace::runner {
namespace {

constexpr const char* kBubblewrap = "/usr/bin/bwrap";
constexpr const char* kMissingSource =
    "Can't find source path";  // bubblewrap's words for a bind that is not there
constexpr std::size_t kShownBytes = 500;
constexpr int kPipeBytes =
    1 << 20;  // the kernel's limit for everyone; a smaller pipe only costs switches

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("starting the program: pipe2");
  return {Fd(ends[0]), Fd(ends[1])};
}

Fd handle_of(pid_t pid) {
  Fd handle(::pidfd_open(pid, 0));
  if (!handle) throw_errno("starting the program: pidfd_open");
  return handle;
}

bool readable(int fd, int timeout_ms) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, timeout_ms) > 0;
}

std::vector<char*> c_strings(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void refuse_program(const SandboxOrder& order, std::string_view reason) {
  throw Error(Blame::Customer,
              "the program '" + printable(order.command.front(), 200) +
                  "' cannot be executed: " + std::string(reason) +
                  ". Give a path that exists inside the container, or a name found in " +
                  (order.root ? "the PATH of its image." : "/usr/bin or /bin."));
}

/// A NUL ends a word wherever words are handed on: what follows it would be an option of
/// bubblewrap, or be lost. The text itself is not told, it may be a secret.
void refuse_nul(std::string_view text, const std::string& what) {
  if (text.find('\0') == std::string_view::npos) return;
  throw Error(Blame::Customer,
              what + " contains a NUL byte, which no program can be given. Leave it out.");
}

void refuse_nul(const SandboxOrder& order) {
  for (std::size_t i = 0; i < order.command.size(); ++i) {
    refuse_nul(order.command[i],
               i == 0 ? "the program's name" : "argument " + std::to_string(i) + " of the program");
  }
  for (const auto& [name, value] : order.environment) {
    refuse_nul(name, "the name of the environment variable '" + printable(name, 200) + "'");
    refuse_nul(value, "the environment variable '" + printable(name, 200) + "'");
  }
  for (const Bind& bind : order.binds) {
    for (const std::filesystem::path& path : {bind.source, bind.target})
      refuse_nul(path.native(), "the path '" + printable(path.native(), 200) + "'");
  }
  for (const std::filesystem::path& path : {order.writable, order.input, order.scratch})
    refuse_nul(path.native(), "the path '" + printable(path.native(), 200) + "'");
  if (order.root) {
    for (const std::filesystem::path& path : {order.root->image, order.root->changes,
                                              std::filesystem::path(order.root->working_directory)})
      refuse_nul(path.native(), "the path '" + printable(path.native(), 200) + "'");
  }
  refuse_nul(order.host, "the host's name");
}

/// What the new process does between fork and exec, with everything it needs computed before: other
/// threads may hold any lock at that moment, so only system calls are allowed.
struct ChildPlan {
  const char* file;
  char* const* arguments;
  char* const* environment;
  const char* directory;              ///< nullptr: stay
  const std::vector<Fd>* entrances;   ///< of the control groups
  const std::vector<int>* inherited;  ///< descriptors that stay open over exec
  const NetworkNamespace* network;    ///< to join; nullptr: none
  int output;
  pid_t parent;
  bool new_session;
  const Overlay* overlay = nullptr;  ///< to be mounted before
};

/// What the new process tells of why it could not become the program.
struct StartFailure {
  int error = 0;  ///< errno
  bool overlay = false;
};

/// Hands errno to the parent, which waits for it or for the exec that closes the pipe.
[[noreturn]] void report_and_exit(int failure_pipe, bool overlay = false) {
  const StartFailure failure{.error = errno, .overlay = overlay};
  const ssize_t told = ::write(failure_pipe, &failure, sizeof failure);
  ::_exit(told < 0 ? 126 : 127);
}

[[noreturn]] void become(const ChildPlan& plan, int failure_pipe) {
  for (const Fd& entrance : *plan.entrances) {
    if (::write(entrance.get(), "0", 1) != 1) report_and_exit(failure_pipe);
  }
  if (plan.network != nullptr && !join(plan.network->network.get(), plan.network->user.get()))
    report_and_exit(failure_pipe);
  if (plan.overlay != nullptr && !plan.overlay->mount())
    report_and_exit(failure_pipe, /*overlay=*/true);
  // Set before exec as well as by bubblewrap: the supervisor may die in between. Behind what
  // changes namespaces, which may undo it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(1);
  if (plan.new_session) ::setsid();
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.output, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const int fd : *plan.inherited) ::fcntl(fd, F_SETFD, 0);
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (plan.directory == nullptr || ::chdir(plan.directory) == 0) {
    ::execvpe(plan.file, plan.arguments, plan.environment);
  }
  report_and_exit(failure_pipe);
}

pid_t spawn(const ChildPlan& plan, int failure_pipe) {
  const pid_t child = ::fork();
  if (child < 0) throw_errno("starting the program: fork");
  if (child == 0) become(plan, failure_pipe);
  return child;
}

/// What failed before or at exec; nullopt when it succeeded (the pipe closed itself) or
/// the child never came that far.
std::optional<StartFailure> start_failure(int pipe) {
  StartFailure failure;
  if (::read(pipe, &failure, sizeof failure) == static_cast<ssize_t>(sizeof failure))
    return failure;
  return std::nullopt;
}

std::string drain(int pipe) {
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(pipe, block, sizeof block);
    if (got <= 0) return text;
    if (text.size() < 16 * sizeof block) text.append(block, static_cast<std::size_t>(got));
  }
}

/// The command line of bubblewrap's child changes at the moment it executes the program, and is
/// empty once it has ended.
bool has_become_program(pid_t pid) {
  const Fd file(
      ::open(("/proc/" + std::to_string(pid) + "/cmdline").c_str(), O_RDONLY | O_CLOEXEC));
  char text[16] = {};
  const ssize_t got = file ? ::read(file.get(), text, sizeof text) : 0;
  const std::string_view line(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  return !line.empty() && !line.starts_with(std::string_view("bwrap\0--args", 12));
}

/// Follows what bubblewrap writes about its child: {"child-pid": N, ...} before it sets up the
/// sandbox,
/// {"exit-code": N} at the end and only if the program had been executed.
class StatusReader {
 public:
  explicit StatusReader(int pipe) : pipe_(pipe) {}

  /// Waits at most so long for more; false at the end of the stream.
  bool read(int timeout_ms) {
    if (!readable(pipe_, timeout_ms)) return true;
    char block[4096];
    const ssize_t got = ::read(pipe_, block, sizeof block);
    if (got <= 0) return false;
    text_.append(block, static_cast<std::size_t>(got));
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      const Json line = parse_json(text_.substr(0, end), "bubblewrap's status");
      text_.erase(0, end + 1);
      if (line.contains("child-pid"))
        child_ = static_cast<pid_t>(require_int(line, "child-pid", "bubblewrap's status"));
      executed_ = executed_ || line.contains("exit-code");
    }
    return true;
  }

  [[nodiscard]] pid_t child() const { return child_; }
  [[nodiscard]] bool executed() const { return executed_; }

 private:
  int pipe_;
  std::string text_;
  pid_t child_ = 0;
  bool executed_ = false;
};

/// "bwrap: execvp prog: No such file or directory": what stands behind the program's name, when
/// bubblewrap got so far.
std::optional<std::string> program_problem(std::string_view message) {
  constexpr std::string_view kMark = "bwrap: execvp ";
  const std::size_t at = message.rfind(kMark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view line = trim(message.substr(at + kMark.size()));
  const std::size_t reason = line.rfind(": ");
  return std::string(reason == std::string_view::npos ? line : line.substr(reason + 2));
}

std::string refusal_text(std::string_view message) {
  return "this machine cannot make a sandbox: " + printable(trim(message), kShownBytes) +
         ". Allow user namespaces (sysctl user.max_user_namespaces, "
         "kernel.unprivileged_userns_clone), or run the "
         "daemon as root.";
}

}  // namespace

/// Why this machine cannot lay a writable layer over an image.
struct OverlayRefusal {
  std::string reason;
};

/// Builds Programs; the only one who may.
class ProgramStart {
 public:
  static std::variant<std::unique_ptr<Program>, SandboxRefusal> sandboxed(
      const SandboxOrder& order);
  static std::unique_ptr<Program> unconfined(const SandboxOrder& order);

 private:
  /// Without the overlay the image's root, where the order has one, is read-only.
  using Started = std::variant<std::unique_ptr<Program>, SandboxRefusal, OverlayRefusal>;
  static Started try_sandbox(const SandboxOrder& order, const Overlay* overlay);
};

ProgramStart::Started ProgramStart::try_sandbox(const SandboxOrder& order, const Overlay* overlay) {
  std::optional<RootMount> root;
  if (order.root) {
    check_bind_targets(order);
    root = RootMount{.source = overlay != nullptr ? overlay->mounted_at() : order.root->image,
                     .writable = overlay != nullptr};
  }
  Pipe output = make_pipe();
  Pipe status = make_pipe();
  Pipe failure = make_pipe();
  ::fcntl(output.write.get(), F_SETPIPE_SZ, kPipeBytes);

  BubblewrapFiles files;
  files.syscall_filter = make_syscall_filter();
  files.status = std::move(status.write);
  Pipe gate;
  if (order.prepare) gate = make_pipe();
  files.gate = std::move(gate.read);
  std::string options;
  for (const std::string& option : bubblewrap_options(order, root, files))
    options.append(option).push_back('\0');
  const Fd options_file = memory_file("bubblewrap-options", options);
  std::vector<std::string> words{"bwrap", "--args", std::to_string(options_file.get()), "--"};
  words.insert(words.end(), order.command.begin(), order.command.end());
  const std::vector<char*> arguments = c_strings(words);
  char* const no_environment[] = {nullptr};
  std::vector<int> inherited{options_file.get(), files.syscall_filter.get(), files.status.get()};
  if (files.gate) inherited.push_back(files.gate.get());
  for (const Fd& content : files.contents) inherited.push_back(content.get());

  std::unique_ptr<Program> program(
      new Program(ControlGroups::create(order.limits, order.group_name)));
  program->child_ = spawn({.file = kBubblewrap,
                           .arguments = arguments.data(),
                           .environment = no_environment,
                           .directory = nullptr,
                           .entrances = &program->groups_.entrances(),
                           .inherited = &inherited,
                           .network = order.shared,
                           .output = output.write.get(),
                           .parent = ::getpid(),
                           .new_session = false,
                           .overlay = overlay},
                          failure.write.get());
  program->child_handle_ = handle_of(program->child_);
  output.write.close();
  files.status.close();
  files.gate.close();
  failure.write.close();

  constexpr int kProbeMs = 1;  // setting up takes about five
  program->status_ = std::move(status.read);
  StatusReader reader(program->status_.get());
  for (bool more = true; more;) {
    more = reader.read(reader.child() == 0 ? -1 : kProbeMs);
    if (reader.child() != 0 && !program->program_handle_) {
      program->program_handle_ =
          Fd(::pidfd_open(reader.child(), 0));  // absent when it has ended already
      // Should this throw, the end of `program` kills what there is of it.
      if (order.prepare && program->program_handle_) order.prepare(reader.child());
      gate.write.close();
    }
    const bool running = reader.child() != 0 && has_become_program(reader.child());
    if (reader.executed() || running) {
      program->started_ = now();
      program->output_ = std::move(output.read);
      return program;
    }
  }
  if (const auto problem = start_failure(failure.read.get())) {
    if (problem->overlay) return OverlayRefusal{std::strerror(problem->error)};
    return SandboxRefusal{
        "bubblewrap cannot be started: " + std::string(std::strerror(problem->error)) +
        ". Install the package bubblewrap."};
  }
  const std::string message = drain(output.read.get());
  if (const auto problem = program_problem(message)) refuse_program(order, *problem);
  if (message.find(kMissingSource) != std::string::npos) {
    throw Error(Blame::Platform,
                "setting up the sandbox: " + printable(trim(message), kShownBytes) +
                    ". Register the image again with paths that exist on this machine.");
  }
  return SandboxRefusal{refusal_text(message)};
}

std::variant<std::unique_ptr<Program>, SandboxRefusal> ProgramStart::sandboxed(
    const SandboxOrder& order) {
  refuse_nul(order);
  std::optional<Overlay> overlay;
  if (order.root) overlay.emplace(*order.root);
  auto started = try_sandbox(order, overlay ? &*overlay : nullptr);
  std::string read_only;
  if (const auto* refused = std::get_if<OverlayRefusal>(&started)) {
    read_only =
        "the image's files are read-only but for /opt/ml, /tmp, /run and /dev/shm: this "
        "machine cannot lay a writable layer over them (" +
        refused->reason + ").";
    started = try_sandbox(order, nullptr);
  }
  if (auto* refused = std::get_if<SandboxRefusal>(&started)) return std::move(*refused);
  auto program = std::get<std::unique_ptr<Program>>(std::move(started));
  if (!read_only.empty()) program->unenforced_.push_back(std::move(read_only));
  return program;
}

std::unique_ptr<Program> ProgramStart::unconfined(const SandboxOrder& order) {
  refuse_nul(order);
  Pipe output = make_pipe();
  Pipe failure = make_pipe();
  ::fcntl(output.write.get(), F_SETPIPE_SZ, kPipeBytes);
  std::vector<std::string> variables{"SAGEMAKER_BASE_DIR=" + order.writable.string()};
  for (const auto& [name, value] : order.environment) variables.push_back(name + "=" + value);
  const std::vector<char*> arguments = c_strings(order.command);
  const std::vector<char*> environment = c_strings(variables);
  const std::vector<int> inherited;

  std::unique_ptr<Program> program(
      new Program(ControlGroups::create(order.limits, order.group_name)));
  program->confined_ = false;
  program->child_ = spawn({.file = order.command.front().c_str(),
                           .arguments = arguments.data(),
                           .environment = environment.data(),
                           .directory = order.writable.c_str(),
                           .entrances = &program->groups_.entrances(),
                           .inherited = &inherited,
                           .network = nullptr,
                           .output = output.write.get(),
                           .parent = ::getpid(),
                           .new_session = true},
                          failure.write.get());
  program->child_handle_ = handle_of(program->child_);
  program->program_handle_ = handle_of(program->child_);
  failure.write.close();
  if (const auto problem = start_failure(failure.read.get())) {
    refuse_program(order, std::strerror(problem->error));
  }
  program->started_ = now();
  program->output_ = std::move(output.read);
  return program;
}

Program::~Program() {
  if (child_ >= 0) {
    kill();
    wait();
  }
}

void Program::terminate() const {
  if (program_handle_) ::pidfd_send_signal(program_handle_.get(), SIGTERM, nullptr, 0);
}

bool Program::heeds_terminate() const {
  if (!confined_ || !program_handle_) return true;
  // Line "Pid:" of proc(5)'s fdinfo, then "SigCgt:", a hexadecimal mask of the signals caught.
  const auto field = [](const std::string& path, std::string_view name) -> std::string {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with(name))
        return std::string(trim(std::string_view(line).substr(name.size())));
    }
    return {};
  };
  const std::string pid =
      field("/proc/self/fdinfo/" + std::to_string(program_handle_.get()), "Pid:");
  const std::string caught = field("/proc/" + pid + "/status", "SigCgt:");
  std::uint64_t mask = 0;
  const auto parsed = std::from_chars(caught.data(), caught.data() + caught.size(), mask, 16);
  return parsed.ec != std::errc() || (mask >> (SIGTERM - 1) & 1) != 0;
}

void Program::kill() const {
  // The first process of a pid namespace takes all others with it.
  if (program_handle_) ::pidfd_send_signal(program_handle_.get(), SIGKILL, nullptr, 0);
  if (!confined_) ::kill(-child_, SIGKILL);
  // Before the program exists there is only bubblewrap, which its child follows.
  if (!program_handle_) ::pidfd_send_signal(child_handle_.get(), SIGKILL, nullptr, 0);
}

bool Program::ended(std::chrono::milliseconds timeout, int wake) const {
  pollfd waits[] = {{.fd = child_handle_.get(), .events = POLLIN, .revents = 0},
                    {.fd = wake, .events = POLLIN, .revents = 0}};
  ::poll(waits, 2, static_cast<int>(timeout.count()));
  return waits[0].revents != 0;
}

Exit Program::wait() {
  if (child_ < 0) return exit_;
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  if (!confined_) reap_stragglers();
  child_ = -1;
  exit_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  exit_.out_of_memory = groups_.out_of_memory_kills() > 0;
  return exit_;
}

void Program::reap_stragglers() const {
  // A supervisor adopts what its program leaves behind (PR_SET_CHILD_SUBREAPER), so its children
  // are all there is.
  for (;;) {
    ::kill(-child_, SIGKILL);
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream children(thread.path() / "children");
      for (pid_t pid = 0; children >> pid;) ::kill(pid, SIGKILL);
    }
    if (::waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

std::variant<std::unique_ptr<Program>, SandboxRefusal> start_sandboxed(const SandboxOrder& order) {
  return ProgramStart::sandboxed(order);
}

std::unique_ptr<Program> start_unconfined(const SandboxOrder& order) {
  return ProgramStart::unconfined(order);
}

}  // namespace millrace::runner
