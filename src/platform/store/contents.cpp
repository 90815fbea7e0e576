#include "platform/store/contents.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <unordered_set>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/io/file.h"

namespace millrace::store {
namespace {

constexpr std::size_t kIdDigits = 32;
// Consecutive contents share a directory, so that those written at the same time can share its
// sync.
constexpr std::uint64_t kRun = 64;
// Write-back starts while the client still sends, so that the final sync finds little to do.
constexpr std::int64_t kFlushBytes = 8 << 20;
// Large writes make large folios in the page cache, which are cheaper to send.
constexpr std::int64_t kCopyBytes = 2 << 20;

[[noreturn]] void refuse_full_disk() {
  throw Error(Blame::Platform, "InsufficientStorage",
              "The disk that holds the data directory is full, nothing was written. Free space "
              "there and try again.");
}

[[noreturn]] void fail(std::string_view what) {
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) refuse_full_disk();
  throw_errno(what);
}

std::size_t directory_of(std::string_view id) {
  const auto digit = [](char c) {
    return static_cast<std::size_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  return digit(id[0]) * 16 + digit(id[1]);
}

bool is_id(std::string_view name) {
  return name.size() == kIdDigits &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

NewContent::NewContent(Contents& contents, std::string id, Fd fd)
    : contents_(&contents), id_(std::move(id)), fd_(std::move(fd)) {}

NewContent::NewContent(NewContent&& other) noexcept
    : contents_(std::exchange(other.contents_, nullptr)),
      id_(std::move(other.id_)),
      fd_(std::move(other.fd_)),
      written_(other.written_),
      flushing_(other.flushing_) {}

NewContent::~NewContent() {
  if (contents_ == nullptr) return;
  contents_->remove(id_);
  ::unlink(contents_->temporary_path(id_).c_str());
}

void NewContent::write(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd_.get(), bytes.data(), bytes.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      fail("writing an object's content");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    written_ += wrote;
  }
  if (written_ - flushing_ >= kFlushBytes) {
    // Only a hint: whatever goes wrong with it comes out of the sync.
    ::sync_file_range(fd_.get(), flushing_, written_ - flushing_, SYNC_FILE_RANGE_WRITE);
    flushing_ = written_;
  }
}

bool NewContent::share(int fd, std::int64_t offset, std::int64_t length) {
  const file_clone_range range{.src_fd = fd,
                               .src_offset = static_cast<__u64>(offset),
                               .src_length = static_cast<__u64>(length),
                               .dest_offset = static_cast<__u64>(written_)};
  if (::ioctl(fd_.get(), FICLONERANGE, &range) != 0) return false;
  written_ += length;
  flushing_ = written_;
  return ::lseek(fd_.get(), written_, SEEK_SET) == written_;
}

void NewContent::append(int fd, std::int64_t offset, std::int64_t length) {
  if (length > 0 && share(fd, offset, length)) return;
  // Not copy_file_range: where blocks cannot be shared it copies page by page, and a page cache of single pages is sent
  // a third slower for as long as the object lives (bench/s3_server.py).
  const auto block = std::make_unique_for_overwrite<char[]>(kCopyBytes);
  while (length > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(length, kCopyBytes));
    const ssize_t copied = ::pread(fd, block.get(), wanted, offset);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0) throw_errno("reading an object's content");
    if (copied == 0) throw Error(Blame::Platform, "an object's content is shorter than its row says");
    write({block.get(), static_cast<std::size_t>(copied)});
    offset += copied;
    length -= copied;
  }
}

void NewContent::make_durable() {
  // Name and bytes may reach the disk in either order: neither is visible before the row.
  if (fd_) {
    contents_->give_name(id_);
    // An error of fdatasync is final: a second call could report success for pages that were
    // dropped.
    if (::fdatasync(fd_.get()) != 0) fail("syncing an object's content");
    fd_.close();
  }
  contents_->sync_directory_of(id_);
}

void NewContent::keep() {
  ::unlink(contents_->temporary_path(id_).c_str());
  contents_ = nullptr;
}

Contents::Contents(const std::filesystem::path& root) : root_(std::filesystem::absolute(root)) {
  std::filesystem::create_directories(root_ / "tmp");
  // A restart continues in another directory; which one does not matter.
  created_ = static_cast<std::uint64_t>(static_cast<unsigned char>(random_bytes(1)[0])) * kRun;
}

void Contents::recover(const std::vector<std::string>& unreferenced, const Referenced& referenced) {
  for (const std::string& id : unreferenced) remove(id);
  std::vector<std::string> doubtful;
  std::vector<std::filesystem::path> temporary;
  for (const auto& entry : std::filesystem::directory_iterator(root_ / "tmp")) {
    temporary.push_back(entry.path());
    const std::string name = entry.path().filename().string();
    if (is_id(name) && std::filesystem::exists(path(name))) doubtful.push_back(name);
  }
  if (!doubtful.empty()) {
    const std::vector<std::string> kept = referenced(doubtful);
    const std::unordered_set<std::string> needed(kept.begin(), kept.end());
    for (const std::string& id : doubtful) {
      if (!needed.contains(id)) remove(id);
    }
  }
  for (const std::filesystem::path& file : temporary) std::filesystem::remove(file);
}

NewContent Contents::create(std::optional<std::uint64_t> expected_bytes) {
  if (expected_bytes) {
    struct statvfs disk {};
    if (::statvfs(root_.c_str(), &disk) == 0 && *expected_bytes / disk.f_frsize > disk.f_bavail)
      refuse_full_disk();
  }
  std::string id = next_id();
  Fd fd(::open(temporary_path(id).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd) fail("creating an object's content");
  return {*this, std::move(id), std::move(fd)};
}

std::optional<NewContent> Contents::link(std::string_view id) {
  NewContent content(*this, next_id(), Fd());
  if (::link(path(id).c_str(), temporary_path(content.id()).c_str()) == 0) {
    give_name(content.id());
    return content;
  }
  if (errno == ENOENT) return std::nullopt;
  if (errno != EMLINK) fail("linking an object's content");
  // The file has as many names as its file system allows.
  const std::optional<Fd> source = open(id);
  if (!source) return std::nullopt;
  struct stat status {};
  if (::fstat(source->get(), &status) != 0) throw_errno("looking at an object's content");
  NewContent copy = create(static_cast<std::uint64_t>(status.st_size));
  copy.append(source->get(), 0, status.st_size);
  return copy;
}

std::optional<Fd> Contents::open(std::string_view id) const {
  Fd fd(::open(path(id).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOENT) return std::nullopt;
    throw_errno("opening an object's content");
  }
  return fd;
}

std::filesystem::path Contents::path(std::string_view id) const {
  return root_ / id.substr(0, 2) / id;
}

std::filesystem::path Contents::temporary_path(std::string_view id) const {
  return root_ / "tmp" / id;
}

void Contents::remove(std::string_view id) noexcept {
  ::unlink(path(id).c_str());
}

std::string Contents::next_id() {
  std::string bytes = random_bytes(kIdDigits / 2);
  bytes[0] = static_cast<char>(created_++ / kRun % kDirectories);
  return to_hex(bytes);
}

void Contents::give_name(std::string_view id) {
  const std::filesystem::path from = temporary_path(id);
  const std::filesystem::path to = path(id);
  if (::link(from.c_str(), to.c_str()) == 0) return;
  // Directories are made when their turn comes, so that a first start does not wait for all of
  // them.
  if (errno == ENOENT) {
    if (::mkdir(to.parent_path().c_str(), 0755) != 0 && errno != EEXIST)
      fail("making a directory for objects");
    sync_directory(root_);
    if (::link(from.c_str(), to.c_str()) == 0) return;
  }
  fail("naming an object's content");
}

void Contents::sync_directory_of(std::string_view id) {
  SharedSync& shared = syncs_[directory_of(id)];
  std::unique_lock lock(shared.mutex);
  const std::uint64_t mine = ++shared.requested;
  while (shared.synced < mine) {
    if (shared.failed >= mine)
      throw Error(Blame::Platform, "syncing the directory of an object's content failed");
    if (shared.running) {
      shared.changed.wait(lock);
      continue;
    }
    shared.running = true;
    const std::uint64_t covered = shared.requested;
    lock.unlock();
    std::exception_ptr failure;
    try {
      sync_directory(root_ / id.substr(0, 2));
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    shared.running = false;
    (failure ? shared.failed : shared.synced) = covered;
    shared.changed.notify_all();
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace millrace::store
