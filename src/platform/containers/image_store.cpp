#include "platform/containers/image_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/io/file.h"
#include "core/io/tree.h"
#include "platform/containers/image_documents.h"

namespace millrace::containers {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLock = ".lock";
constexpr const char* kRecord = "image.json";
constexpr const char* kManifest = "manifest.json";
constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;

/// Whether nobody holds the directory, or it is not there.
bool is_idle(const fs::path& image) {
  const Fd directory(::open(image.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return !directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

void give(const fs::path& path, const std::optional<Owner>& owner) {
  if (owner && ::lchown(path.c_str(), owner->user, owner->group) != 0)
    throw_errno("changing the owner of " + path.string());
}

Fd ImageStore::lock_for_adding(const std::optional<Owner>& owner,
                               const std::function<void()>& waiting) const {
  if (fs::create_directories(directory_)) give(directory_, owner);
  const fs::path path = directory_ / kLock;
  Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) throw_errno("opening " + path.string());
  give(path, owner);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  waiting();
  while (::flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw_errno("locking " + path.string());
  }
  return lock;
}

fs::path ImageStore::place(const std::string& id) const {
  if (!is_digest(id)) refuse("ImageId", id, "'sha256:' and 64 hexadecimal digits");
  return directory_ / digest_hex(id);
}

std::optional<ImageRecord> ImageStore::find(const std::string& id) const {
  const fs::path file = place(id) / kRecord;
  if (!fs::exists(file)) return std::nullopt;
  return parse_record(read_file(file, kMaxRecordBytes), file.string());
}

std::string ImageStore::manifest_of(const std::string& id) const {
  const fs::path file = place(id) / kManifest;
  return fs::exists(file) ? read_file(file, kMaxDocumentBytes) : std::string();
}

bool ImageStore::in_use(const std::string& id) const {
  return !is_idle(place(id));
}

void ImageStore::sweep(const std::set<std::string>& ids) const {
  const Fd lock(::open((directory_ / kLock).c_str(), O_RDWR | O_CLOEXEC));
  // No store, or an image that is being added.
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  std::set<fs::path> kept{directory_ / kLock};
  for (const std::string& id : ids) kept.insert(place(id));
  std::vector<fs::path> doomed;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_)) {
    if (!kept.contains(entry.path()) && is_idle(entry.path())) doomed.push_back(entry.path());
  }
  for (const fs::path& image : doomed) {
    // Renamed first: half of an image must not be found under its name.
    const fs::path removed = image.string() + ".removed";
    std::error_code failure;
    fs::rename(image, removed, failure);
    remove_tree(failure ? image : removed);
  }
}

}  // namespace millrace::containers
