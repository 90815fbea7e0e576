#include "platform/runner/mounts/linked_objects.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "platform/runner/retry.h"
#include "platform/runner/write_while_room.h"

namespace millrace::runner {
namespace {

constexpr std::chrono::milliseconds kLockLook{10};
constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;

/// What does not exist yet below `directory`, made.
void make_directory_beneath(const Fd& directory, const std::string& path) {
  for (std::size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    if (::mkdirat(directory.get(), path.substr(0, slash).c_str(), 0755) != 0 && errno != EEXIST)
      throw_errno("making the directory '" + path.substr(0, slash) + "' of the linked objects");
    if (slash == std::string::npos) return;
  }
}

Fd reopened(const Fd& directory, int flags) {
  Fd fd(::openat(directory.get(), ".", flags | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw_errno("opening a file system's directory");
  return fd;
}

/// The file system's own failure, by errno; a full one is its owner's to mend.
[[noreturn]] void refuse_write(const std::string& where) {
  if (!is_full()) throw_errno(where + ": storing the object");
  throw Error(Blame::Customer, where +
                                   ": the object does not fit in the file system, which is "
                                   "full. Make room in it, or link a narrower prefix.");
}

/// Puts all the bytes into the file, durably.
void fill(const Fd& file, ByteSource& bytes, const std::string& where) {
  std::vector<char> block(kBlockBytes);
  while (const std::size_t got = bytes.read(block)) {
    if (!write_while_room(file.get(), {block.data(), got}, where)) refuse_write(where);
  }
  if (::fdatasync(file.get()) != 0) refuse_write(where);
}

/// The name of an unfinished file, which is taken away unless the file has got another.
class Unfinished {
 public:
  Unfinished(const Fd& directory, const std::string& name) : directory_(directory), name_(name) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!renamed_) ::unlinkat(directory_.get(), name_.c_str(), 0);
  }
  void renamed() { renamed_ = true; }

 private:
  const Fd& directory_;
  const std::string& name_;
  bool renamed_ = false;
};

}  // namespace

LinkedObjects::LinkedObjects(const Fd& root, const Fd& directory,
                             std::map<std::string, ChannelObject> objects, Options options)
    : directory_(reopened(directory, O_RDONLY)),
      objects_(std::move(objects)),
      options_(std::move(options)) {
  if (::mkdirat(root.get(), kLinkedState, 0700) != 0 && errno != EEXIST)
    throw_errno("making the directory " + std::string(kLinkedState) + " of the file system");
  state_ = Fd(::openat(root.get(), kLinkedState, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!state_)
    throw_errno("opening the directory " + std::string(kLinkedState) + " of the file system");
  remove_leftovers();
  make_directories();
}

void LinkedObjects::make_directories() const {
  std::string made;
  for (const auto& [path, object] : objects_) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || path.compare(0, slash, made) == 0) continue;
    make_directory_beneath(directory_, made = path.substr(0, slash));
  }
}

/// A file that nobody holds a lock on is nobody's.
void LinkedObjects::remove_leftovers() const {
  std::error_code failure;
  for (std::filesystem::directory_iterator
           entry("/proc/self/fd/" + std::to_string(state_.get()), failure),
       end;
       !failure && entry != end; entry.increment(failure)) {
    const std::string name = entry->path().filename();
    const Fd file(::openat(state_.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
      ::unlinkat(state_.get(), name.c_str(), 0);
  }
}

const ChannelObject* LinkedObjects::find(const std::string& path) const {
  const auto found = objects_.find(path);
  if (found == objects_.end()) return nullptr;
  const std::lock_guard lock(mutex_);
  return forgotten_.contains(path) ? nullptr : &found->second;
}

std::vector<std::string> LinkedObjects::names_in(const std::string& directory) const {
  const std::string prefix = directory.empty() ? "" : directory + "/";
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (auto at = objects_.lower_bound(prefix);
       at != objects_.end() && at->first.starts_with(prefix);) {
    const std::size_t slash = at->first.find('/', prefix.size());
    if (slash != std::string::npos) {
      // Everything of that directory at once: '0' follows '/'.
      at = objects_.lower_bound(at->first.substr(0, slash) + "0");
      continue;
    }
    if (!forgotten_.contains(at->first)) names.push_back(at->first.substr(prefix.size()));
    ++at;
  }
  return names;
}

bool LinkedObjects::any_below(const std::string& directory) const {
  const std::string prefix = directory + "/";
  const std::lock_guard lock(mutex_);
  for (auto at = objects_.lower_bound(prefix);
       at != objects_.end() && at->first.starts_with(prefix); ++at) {
    if (!forgotten_.contains(at->first)) return true;
  }
  return false;
}

void LinkedObjects::forget(const std::string& path) {
  if (!objects_.contains(path)) return;
  const std::lock_guard lock(mutex_);
  forgotten_.insert(path);
}

LinkedCounts LinkedObjects::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

int LinkedObjects::touch(const std::string& path) {
  const ChannelObject* object = find(path);
  if (object == nullptr) return 0;
  {
    const std::lock_guard lock(mutex_);
    if (touched_.contains(path)) return 0;
  }
  try {
    const bool fetched = !is_there(path) && fetch(path, *object);
    const std::lock_guard lock(mutex_);
    if (!touched_.insert(path).second) return 0;
    (fetched ? counts_.fetched : counts_.found) += 1;
    if (fetched) counts_.fetched_bytes += object->size;
    return 0;
  } catch (const Error& error) {
    if (!stop_.stop_requested()) options_.on_failure(error);
    return EIO;
  }
}

bool LinkedObjects::is_there(const std::string& path) const {
  struct stat status {};
  return ::fstatat(directory_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/// The same for everyone who fetches this file, in whatever directory of the file system his view
/// begins.
std::string LinkedObjects::temporary_name(const std::string& path) const {
  return "fetch-" + std::to_string(std::hash<std::string>{}(objects_.at(path).name.uri()));
}

/// The unfinished file, empty, under an exclusive lock; an invalid Fd once it must be given up.
Fd LinkedObjects::lock(const std::string& name) const {
  const std::stop_token stop = stop_.get_token();
  while (!stop.stop_requested()) {
    Fd file(::openat(state_.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file)
      throw_errno("channel '" + options_.channel + "', file system " + options_.file_system +
                  ": making a file in " + kLinkedState);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      // Whoever held it before may have renamed or removed it; then the name stands for another
      // file.
      struct stat held {
      }, named{};
      if (::fstat(file.get(), &held) == 0 &&
          ::fstatat(state_.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
          held.st_ino == named.st_ino && ::ftruncate(file.get(), 0) == 0)
        return file;
      continue;
    }
    wait_until(Backoff::Clock::now() + kLockLook, stop);
  }
  return {};
}

/// Whether this call fetched it and not somebody else meanwhile.
bool LinkedObjects::fetch(const std::string& path, const ChannelObject& object) {
  const std::string name = temporary_name(path);
  const std::string where = "channel '" + options_.channel + "', file system " +
                            options_.file_system + ", file '" + path + "'";
  const Fd file = lock(name);
  if (!file)
    throw Error(Blame::Platform, where + ": the job has ended before the object was fetched");
  Unfinished unfinished(state_, name);
  if (is_there(path)) return false;
  std::unique_ptr<ObjectOpener> opener = take_opener();
  fill(file, *opener->open(object), where);
  if (::renameat2(state_.get(), name.c_str(), directory_.get(), path.c_str(), RENAME_NOREPLACE) !=
      0) {
    if (errno == EEXIST) return false;
    refuse_write(where);
  }
  unfinished.renamed();
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash);
  const Fd holder(::openat(directory_.get(), parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (holder) ::fsync(holder.get());
  const std::lock_guard guard(mutex_);
  openers_.push_back(std::move(opener));
  return true;
}

std::unique_ptr<ObjectOpener> LinkedObjects::take_opener() {
  const std::lock_guard lock(mutex_);
  if (openers_.empty()) {
    return std::make_unique<ObjectOpener>("channel '" + options_.channel + "'", options_.connect,
                                          options_.patience, stop_.get_token());
  }
  std::unique_ptr<ObjectOpener> opener = std::move(openers_.back());
  openers_.pop_back();
  return opener;
}

}  // namespace millrace::runner
