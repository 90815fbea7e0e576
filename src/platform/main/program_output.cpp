#include "platform/main/program_output.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/io/spawn.h"

namespace millrace {

std::string program_output(std::vector<std::string> command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("creating a pipe");
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t child = spawn({.command = command, .output = write_end.get()}, Blame::Platform);
  write_end.close();
  FdSource source(std::move(read_end));
  std::string text = read_all(source, kMaxDescriptionBytes, join(command, " "));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error(Blame::Platform, join(command, " ") + " failed; run it by hand to see why");
  }
  return text;
}

}  // namespace millrace
