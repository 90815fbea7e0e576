#include "platform/runner/workspace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/io/tree.h"
#include "platform/runner/tree.h"

namespace millrace::runner {
namespace {

void make_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0755) != 0)
    throw_errno("creating the job's directory '" + path.filename().string() + "'");
}

}  // namespace

Workspace::Workspace(const std::filesystem::path& data_directory, std::string_view job_name,
                     std::string_view host)
    : root_(data_directory / "work" / job_name / host) {
  std::filesystem::create_directories(root_);
  ::chmod(root_.c_str(), 0700);
  clear();
  const ContractPaths read = readable_paths();
  const ContractPaths write = writable_paths();
  for (const std::filesystem::path& path :
       {read.base, read.base / "input", read.config(), read.input_data(), write.base,
        write.base / "input", write.model(), write.code(), write.output(), write.output_data(),
        scratch(), image_changes(), checkpoints(), mounts(), pinned()}) {
    make_directory(path);
  }
  if (const std::filesystem::path supplied = data_directory / "pretrained";
      std::filesystem::is_directory(supplied)) {
    pretrained_ = supplied;
    make_directory(read.pretrained());  // where a sandbox mounts it
  }
}

std::int64_t Workspace::used_bytes() const {
  std::int64_t bytes = 0;
  for (const std::filesystem::path& tree : {writable(), scratch(), image_changes() / "upper", checkpoints()}) {
    const Fd directory(::open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory) bytes += disk_usage(directory);
  }
  return bytes;
}

Workspace::~Workspace() {
  if (!results_kept_) {
    clear();
    return;
  }
  for (const char* part : {"mounts", "readonly", "scratch", "root", "checkpoints", "pinned"})
    remove_tree(root_ / part);
}

void Workspace::clear() const noexcept {
  for (const char* part : {"mounts", "writable", "readonly", "scratch", "root", "checkpoints", "pinned"})
    remove_tree(root_ / part);
}

}  // namespace millrace::runner
