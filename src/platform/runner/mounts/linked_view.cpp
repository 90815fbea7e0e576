#include "platform/runner/mounts/linked_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/runner/mounts/fuse_session.h"
#include "platform/runner/mounts/path_nodes.h"

namespace millrace::runner {
namespace {

constexpr double kFreshSeconds = 1;
/// Each waits for the object that it fetches, so the count is how many are fetched at once; more
/// than the kernel has in hand together would have nothing to do.
constexpr int kThreads = 12;
constexpr std::size_t kReadaheadBytes = 4 << 20;

struct Names {
  std::vector<std::string> all;
};

std::pair<std::string, std::string> split_last(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

class LinkedView::Mounted {
 public:
  Mounted(const Fd& directory, LinkedObjects& objects, const std::filesystem::path& place,
          bool read_only)
      : directory_(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        objects_(objects),
        mounted_at_(::time(nullptr)),
        session_(operations(), this,
                 {.directory = place,
                  .name = "linked",
                  .read_only = read_only,
                  .threads = kThreads,
                  .readahead_bytes = kReadaheadBytes}) {}
  ~Mounted() {
    // A thread that waits for an object must end before the threads are waited for.
    objects_.abort();
    session_.stop_hearing();
  }

 private:
  static Mounted& of(fuse_req_t request) {
    return *static_cast<Mounted*>(::fuse_req_userdata(request));
  }

  /// The directory, reached without any link, and the name in it. The kernel has resolved the links
  /// that the program may follow; one that somebody puts in the way meanwhile is not followed.
  struct Place {
    Fd directory;
    std::string name;
  };
  [[nodiscard]] Place place(const std::string& path) const {
    const auto [parent, name] = split_last(path);
    return {.directory = open_at(parent.empty() ? "." : parent, O_PATH | O_DIRECTORY, 0),
            .name = name.empty() ? "." : name};
  }
  [[nodiscard]] Fd open_at(const std::string& path, int flags, mode_t mode) const {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return Fd(static_cast<int>(::syscall(SYS_openat2, directory_.get(),
                                         path.empty() ? "." : path.c_str(), &how, sizeof how)));
  }
  [[nodiscard]] static bool is_own_state(fuse_ino_t parent, const char* name) {
    return parent == FUSE_ROOT_ID && std::string_view(name) == kLinkedState;
  }

  /// 0 or an errno.
  int attributes(const std::string& path, struct stat& status) const {
    const Place at = place(path);
    if (at.directory &&
        ::fstatat(at.directory.get(), at.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
      return 0;
    const int failure = errno;
    const ChannelObject* object = failure == ENOENT ? objects_.find(path) : nullptr;
    if (object == nullptr) return failure;
    status = {};
    status.st_mode = S_IFREG | 0644;
    status.st_nlink = 1;
    status.st_uid = ::getuid();
    status.st_gid = ::getgid();
    status.st_size = object->size;
    status.st_blksize = 1 << 20;
    status.st_mtim.tv_sec = status.st_ctim.tv_sec = status.st_atim.tv_sec = mounted_at_;
    return 0;
  }

  void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name) {
    fuse_entry_param answer{};
    const int failure = attributes(nodes_.path(parent, name), answer.attr);
    if (failure != 0) {
      ::fuse_reply_err(request, failure);
      return;
    }
    fill(answer, parent, name);
    ::fuse_reply_entry(request, &answer);
  }
  void fill(fuse_entry_param& answer, fuse_ino_t parent, const char* name) {
    answer.ino = nodes_.look_up(parent, name);
    answer.attr.st_ino = answer.ino;
    answer.attr_timeout = answer.entry_timeout = kFreshSeconds;
  }
  static void reply(fuse_req_t request, bool done) { ::fuse_reply_err(request, done ? 0 : errno); }

  static void init(void*, fuse_conn_info* connection) {
    connection->max_read = kMaxReadBytes;
    connection->max_readahead = kReadaheadBytes;
    connection->want |= connection->capable & (FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS |
                                               FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_SPLICE_WRITE);
  }

  static void lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
    if (is_own_state(parent, name)) {
      ::fuse_reply_err(request, ENOENT);
      return;
    }
    of(request).reply_entry(request, parent, name);
  }

  static void forget(fuse_req_t request, fuse_ino_t node, std::uint64_t lookups) {
    of(request).nodes_.forget(node, lookups);
    ::fuse_reply_none(request);
  }

  static void getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info* file) {
    Mounted& view = of(request);
    struct stat status {};
    // An open file may have no name any more.
    const bool open_file = file != nullptr && ::fstat(static_cast<int>(file->fh), &status) == 0;
    const int failure = open_file ? 0 : view.attributes(view.nodes_.path(node), status);
    status.st_ino = node;
    if (failure != 0) {
      ::fuse_reply_err(request, failure);
    } else {
      ::fuse_reply_attr(request, &status, kFreshSeconds);
    }
  }

  static void setattr(fuse_req_t request, fuse_ino_t node, struct stat* wanted, int what,
                      fuse_file_info* file) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(node);
    if (const int failure = view.objects_.touch(path)) {
      ::fuse_reply_err(request, failure);
      return;
    }
    const Place at = view.place(path);
    const char* name = at.name.c_str();
    const int directory = at.directory.get();
    bool done = true;
    if ((what & FUSE_SET_ATTR_MODE) != 0)
      done = ::fchmodat(directory, name, wanted->st_mode & 07777, 0) == 0;
    if (done && (what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0) {
      done = ::fchownat(directory, name,
                        (what & FUSE_SET_ATTR_UID) != 0 ? wanted->st_uid : static_cast<uid_t>(-1),
                        (what & FUSE_SET_ATTR_GID) != 0 ? wanted->st_gid : static_cast<gid_t>(-1),
                        AT_SYMLINK_NOFOLLOW) == 0;
    }
    if (done && (what & FUSE_SET_ATTR_SIZE) != 0) {
      const Fd opened = file == nullptr ? view.open_at(path, O_WRONLY, 0) : Fd();
      done = ::ftruncate(file != nullptr ? static_cast<int>(file->fh) : opened.get(),
                         wanted->st_size) == 0;
    }
    if (done && (what & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME)) != 0) {
      timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                           {.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
      if ((what & FUSE_SET_ATTR_ATIME_NOW) != 0) {
        times[0].tv_nsec = UTIME_NOW;
      } else if ((what & FUSE_SET_ATTR_ATIME) != 0) {
        times[0] = wanted->st_atim;
      }
      if ((what & FUSE_SET_ATTR_MTIME_NOW) != 0) {
        times[1].tv_nsec = UTIME_NOW;
      } else if ((what & FUSE_SET_ATTR_MTIME) != 0) {
        times[1] = wanted->st_mtim;
      }
      done = ::utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) == 0;
    }
    if (!done) {
      ::fuse_reply_err(request, errno);
      return;
    }
    getattr(request, node, file);
  }

  static void opendir(fuse_req_t request, fuse_ino_t node, fuse_file_info* file) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(node);
    Fd fd = view.open_at(path, O_RDONLY | O_DIRECTORY, 0);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd ? ::fdopendir(fd.release()) : nullptr,
                                                     ::closedir);
    if (!stream) {
      ::fuse_reply_err(request, errno);
      return;
    }
    std::set<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
      if (!is_own_state(node, entry->d_name)) names.insert(entry->d_name);
    }
    for (std::string& name : view.objects_.names_in(path)) names.insert(std::move(name));
    auto listed = std::make_unique<Names>();
    listed->all.assign(names.begin(), names.end());
    file->fh = reinterpret_cast<std::uint64_t>(listed.get());
    if (::fuse_reply_open(request, file) == 0) listed.release();  // until releasedir
  }

  static void readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset,
                      fuse_file_info* file) {
    Mounted& view = of(request);
    const auto& names = reinterpret_cast<const Names*>(file->fh)->all;
    const std::string directory = view.nodes_.path(node);
    std::vector<char> page(size);
    std::size_t used = 0;
    for (auto i = static_cast<std::size_t>(offset); i < names.size(); ++i) {
      struct stat status {};
      const std::string path = directory.empty() ? names[i] : directory + "/" + names[i];
      if (names[i] != "." && names[i] != ".." && view.attributes(path, status) != 0) continue;
      status.st_ino = 0xffffffff;  // unknown before a look-up
      const std::size_t needed =
          ::fuse_add_direntry(request, page.data() + used, size - used, names[i].c_str(), &status,
                              static_cast<off_t>(i + 1));
      if (needed > size - used) break;
      used += needed;
    }
    ::fuse_reply_buf(request, page.data(), used);
  }

  static void releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    const std::unique_ptr<Names> listed(reinterpret_cast<Names*>(file->fh));
    ::fuse_reply_err(request, 0);
  }

  static void open(fuse_req_t request, fuse_ino_t node, fuse_file_info* file) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(node);
    int flags = file->flags & ~(O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW);
    if ((flags & O_TRUNC) != 0 && view.objects_.find(path) != nullptr) {
      // Nothing of the object will be left.
      flags |= O_CREAT;
      view.objects_.forget(path);
    } else if (const int failure = view.objects_.touch(path)) {
      ::fuse_reply_err(request, failure);
      return;
    }
    view.reply_open(request, view.open_at(path, flags, 0644), file);
  }

  static void reply_open(fuse_req_t request, Fd fd, fuse_file_info* file) {
    if (!fd) {
      ::fuse_reply_err(request, errno);
      return;
    }
    file->fh = static_cast<std::uint64_t>(fd.get());
    file->keep_cache = 1;  // the kernel looks at size and time of change
    file->noflush = 1;
    if (::fuse_reply_open(request, file) == 0) static_cast<void>(fd.release());  // until release
  }

  static void create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
                     fuse_file_info* file) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(parent, name);
    Fd fd = view.open_at(path, (file->flags & ~(O_APPEND | O_NOFOLLOW)) | O_CREAT, mode & 07777);
    if (!fd) {
      ::fuse_reply_err(request, errno);
      return;
    }
    fuse_entry_param answer{};
    if (const int failure = view.attributes(path, answer.attr)) {
      ::fuse_reply_err(request, failure);
      return;
    }
    view.fill(answer, parent, name);
    file->fh = static_cast<std::uint64_t>(fd.get());
    file->noflush = 1;
    if (::fuse_reply_create(request, &answer, file) == 0)
      static_cast<void>(fd.release());  // until release
  }

  static void read(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
                   fuse_file_info* file) {
    fuse_bufvec bytes = FUSE_BUFVEC_INIT(size);
    bytes.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
    bytes.buf[0].fd = static_cast<int>(file->fh);
    bytes.buf[0].pos = offset;
    ::fuse_reply_data(request, &bytes, FUSE_BUF_SPLICE_NONBLOCK);
  }

  static void write_buf(fuse_req_t request, fuse_ino_t, fuse_bufvec* source, off_t offset,
                        fuse_file_info* file) {
    fuse_bufvec target = FUSE_BUFVEC_INIT(::fuse_buf_size(source));
    target.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
    target.buf[0].fd = static_cast<int>(file->fh);
    target.buf[0].pos = offset;
    const ssize_t written = ::fuse_buf_copy(&target, source, static_cast<fuse_buf_copy_flags>(0));
    if (written < 0) {
      ::fuse_reply_err(request, static_cast<int>(-written));
    } else {
      ::fuse_reply_write(request, static_cast<std::size_t>(written));
    }
  }

  static void release(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    const Fd closed(static_cast<int>(file->fh));
    ::fuse_reply_err(request, 0);
  }

  static void fsync(fuse_req_t request, fuse_ino_t, int data_only, fuse_file_info* file) {
    const int fd = static_cast<int>(file->fh);
    reply(request, (data_only != 0 ? ::fdatasync(fd) : ::fsync(fd)) == 0);
  }

  static void fallocate(fuse_req_t request, fuse_ino_t, int mode, off_t offset, off_t length,
                        fuse_file_info* file) {
    reply(request, ::fallocate(static_cast<int>(file->fh), mode, offset, length) == 0);
  }

  static void mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
    Mounted& view = of(request);
    const Place at = view.place(view.nodes_.path(parent, name));
    if (::mkdirat(at.directory.get(), name, mode & 07777) != 0) return reply(request, false);
    view.reply_entry(request, parent, name);
  }

  static void symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const Place at = view.place(view.nodes_.path(parent, name));
    if (::symlinkat(target, at.directory.get(), name) != 0) return reply(request, false);
    view.reply_entry(request, parent, name);
  }

  static void readlink(fuse_req_t request, fuse_ino_t node) {
    Mounted& view = of(request);
    const Place at = view.place(view.nodes_.path(node));
    std::string target(PATH_MAX + 1, '\0');
    const ssize_t length =
        ::readlinkat(at.directory.get(), at.name.c_str(), target.data(), PATH_MAX);
    if (length < 0) return reply(request, false);
    target.resize(static_cast<std::size_t>(length));
    ::fuse_reply_readlink(request, target.c_str());
  }

  static void link(fuse_req_t request, fuse_ino_t node, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(node);
    if (const int failure = view.objects_.touch(path)) {
      ::fuse_reply_err(request, failure);
      return;
    }
    const Place from = view.place(path);
    const Place to = view.place(view.nodes_.path(parent, name));
    if (::linkat(from.directory.get(), from.name.c_str(), to.directory.get(), name, 0) != 0)
      return reply(request, false);
    view.reply_entry(request, parent, name);
  }

  static void unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(parent, name);
    const Place at = view.place(path);
    const bool was_object = view.objects_.find(path) != nullptr;
    const bool done =
        ::unlinkat(at.directory.get(), name, 0) == 0 || (errno == ENOENT && was_object);
    if (done) {
      view.objects_.forget(path);
      view.nodes_.remove(parent, name);
    }
    reply(request, done);
  }

  static void rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(parent, name);
    if (view.objects_.any_below(path)) {
      ::fuse_reply_err(request, ENOTEMPTY);
      return;
    }
    const Place at = view.place(path);
    const bool done = ::unlinkat(at.directory.get(), name, AT_REMOVEDIR) == 0;
    if (done) view.nodes_.remove(parent, name);
    reply(request, done);
  }

  static void rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
                     const char* new_name, unsigned flags) {
    Mounted& view = of(request);
    const std::string path = view.nodes_.path(parent, name);
    const std::string new_path = view.nodes_.path(new_parent, new_name);
    if ((flags & RENAME_EXCHANGE) != 0) {
      ::fuse_reply_err(request, EINVAL);
      return;
    }
    // Programs that move files then copy them one by one, which fetches them.
    if (view.objects_.any_below(path)) {
      ::fuse_reply_err(request, EXDEV);
      return;
    }
    if ((flags & RENAME_NOREPLACE) != 0 && view.objects_.find(new_path) != nullptr) {
      ::fuse_reply_err(request, EEXIST);
      return;
    }
    if (const int failure = view.objects_.touch(path)) {
      ::fuse_reply_err(request, failure);
      return;
    }
    const Place from = view.place(path);
    const Place to = view.place(new_path);
    if (::renameat2(from.directory.get(), name, to.directory.get(), new_name, flags) != 0)
      return reply(request, false);
    view.objects_.forget(path);
    view.objects_.forget(new_path);
    view.nodes_.rename(parent, name, new_parent, new_name);
    reply(request, true);
  }

  static void statfs(fuse_req_t request, fuse_ino_t) {
    struct statvfs status {};
    if (::fstatvfs(of(request).directory_.get(), &status) != 0) return reply(request, false);
    ::fuse_reply_statfs(request, &status);
  }

  static const fuse_lowlevel_ops& operations() {
    static const fuse_lowlevel_ops table = [] {
      fuse_lowlevel_ops each{};
      each.init = init;
      each.lookup = lookup;
      each.forget = forget;
      each.getattr = getattr;
      each.setattr = setattr;
      each.opendir = opendir;
      each.readdir = readdir;
      each.releasedir = releasedir;
      each.open = open;
      each.create = create;
      each.read = read;
      each.write_buf = write_buf;
      each.release = release;
      each.fsync = fsync;
      each.fallocate = fallocate;
      each.mkdir = mkdir;
      each.symlink = symlink;
      each.readlink = readlink;
      each.link = link;
      each.unlink = unlink;
      each.rmdir = rmdir;
      each.rename = rename;
      each.statfs = statfs;
      return each;
    }();
    return table;
  }

  const Fd directory_;
  LinkedObjects& objects_;
  const std::time_t mounted_at_;
  PathNodes nodes_;
  FuseSession session_;
};

LinkedView::LinkedView(const Fd& directory, LinkedObjects& objects,
                       const std::filesystem::path& place, bool read_only)
    : mounted_(std::make_unique<Mounted>(directory, objects, place, read_only)) {}
LinkedView::~LinkedView() = default;

}  // namespace millrace::runner
