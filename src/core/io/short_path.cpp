#include "core/io/short_path.h"

#include <fcntl.h>

#include "core/base/error.h"

namespace millrace {

ShortPath::ShortPath(const std::filesystem::path& path)
    : directory_(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!directory_) throw_errno("opening the directory '" + path.parent_path().string() + "'");
  name_ = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + path.filename().string();
}

}  // namespace millrace
