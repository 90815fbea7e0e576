#include "platform/containers/image_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <variant>
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
constexpr const char* kManifests = "manifests";
constexpr const char* kOnlyManifest = "manifest.json";
constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;

/// An exclusive lock on the directory, an invalid descriptor where there is none to lock; nullopt
/// when somebody holds it, or that cannot be told.
std::optional<Fd> claim_directory(const fs::path& image) {
  Fd directory(::open(image.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno == ENOENT || errno == ENOTDIR ? std::optional(Fd()) : std::nullopt;
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return directory;
}

/// Unless somebody holds it.
void remove_idle(const fs::path& image) {
  const fs::path removed = image.string() + ".removed";
  {
    // Renamed first: half of an image must not be found under its name. And under the lock: who
    // holds the image afterwards finds that the name is gone (runner::hold_image).
    const std::optional<Fd> claim = claim_directory(image);
    if (!claim) return;
    remove_tree(removed);
    std::error_code failure;
    fs::rename(image, removed, failure);
    if (failure) return;
  }
  remove_tree(removed);
}

bool is_manifest_of(const std::string& text, const std::string& id, const std::string& digest,
                    const fs::path& file) {
  if (sha256_digest(text) != digest) return false;
  const auto parsed = parse_manifest(text, file.string());
  const auto* manifest = std::get_if<Manifest>(&parsed);
  return manifest != nullptr && manifest->config.digest == id;
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

fs::path ImageStore::manifest_place(const std::string& id, const std::string& digest) const {
  if (!is_digest(digest)) refuse("Digest", digest, "'sha256:' and 64 hexadecimal digits");
  return place(id) / kManifests / digest_hex(digest);
}

std::string ImageStore::manifest_of(const std::string& id, const std::string& digest) const {
  if (!is_digest(digest)) return {};
  // Images that were added before an image could have several exports have one at its top.
  for (const fs::path& file : {manifest_place(id, digest), place(id) / kOnlyManifest}) {
    if (!fs::exists(file)) continue;
    std::string text = read_file(file, kMaxDocumentBytes);
    if (is_manifest_of(text, id, digest, file)) return text;
  }
  return {};
}

std::optional<Fd> ImageStore::claim(const std::string& id) const {
  return claim_directory(place(id));
}

void ImageStore::sweep(const std::set<std::string>& ids) const {
  const Fd lock(::open((directory_ / kLock).c_str(), O_RDWR | O_CLOEXEC));
  // No store, or an image that is being added.
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  std::set<fs::path> kept{directory_ / kLock};
  for (const std::string& id : ids) kept.insert(place(id));
  std::vector<fs::path> doomed;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_)) {
    if (!kept.contains(entry.path())) doomed.push_back(entry.path());
  }
  for (const fs::path& image : doomed) remove_idle(image);
}

}  // namespace millrace::containers
