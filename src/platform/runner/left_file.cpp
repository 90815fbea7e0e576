#include "platform/runner/left_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/io/file.h"
#include "platform/runner/tree.h"

namespace millrace::runner {

std::string read_left_file(const Workspace& workspace, const char* path, std::size_t max_bytes) {
  Fd file = open_beneath(workspace.writable(), path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string text(max_bytes, '\0');
  FdSource source(std::move(file));
  text.resize(read_full(source, text));
  return text;
}

}  // namespace millrace::runner
