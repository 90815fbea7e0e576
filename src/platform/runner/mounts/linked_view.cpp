#include "platform/runner/mounts/linked_view.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/runner/mounts/fuse_session.h"
#include "platform/runner/mounts/linked_tree.h"
#include "platform/runner/mounts/path_nodes.h"

namespace millrace::runner {
namespace {

constexpr double kFreshSeconds = 1;
/// Each waits for the object that it fetches, so the count is how many are fetched at once; more
/// than the kernel has in hand together would have nothing to do.
constexpr int kThreads = 12;

using Names = std::vector<std::string>;

fuse_bufvec file_range(const fuse_file_info& file, std::size_t size, off_t offset) {
  fuse_bufvec bytes = FUSE_BUFVEC_INIT(size);
  bytes.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK);
  bytes.buf[0].fd = static_cast<int>(file.fh);
  bytes.buf[0].pos = offset;
  return bytes;
}

}  // namespace

/// The kernel's requests in terms of a LinkedTree. A file handle is a descriptor, a directory's the
/// names that it had when it was opened.
class LinkedView::Mounted {
 public:
  Mounted(const Fd& directory, LinkedObjects& objects, const std::filesystem::path& place,
          bool read_only)
      : objects_(objects),
        tree_(directory, objects),
        session_(
            operations(), this,
            {.directory = place, .name = "linked", .read_only = read_only, .threads = kThreads}) {}
  ~Mounted() {
    // A thread that waits for an object must end before the threads are waited for.
    objects_.abort();
    session_.stop_hearing();
  }

 private:
  static Mounted& of(fuse_req_t request) { return view_of<Mounted>(request); }

  void fill(fuse_entry_param& answer, fuse_ino_t parent, const char* name) {
    answer.ino = nodes_.look_up(parent, name);
    answer.attr.st_ino = answer.ino;
    answer.attr_timeout = answer.entry_timeout = kFreshSeconds;
  }

  /// What stands there now, unless making it has failed.
  void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name, int failure = 0) {
    fuse_entry_param answer{};
    if (failure == 0) failure = tree_.attributes(nodes_.path(parent, name), answer.attr);
    if (failure != 0) {
      ::fuse_reply_err(request, failure);
      return;
    }
    fill(answer, parent, name);
    ::fuse_reply_entry(request, &answer);
  }

  static void init(void*, fuse_conn_info* connection) {
    agree_on(*connection, FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_ATOMIC_O_TRUNC |
                              FUSE_CAP_SPLICE_WRITE);
  }

  static void lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
    const bool own_state = parent == FUSE_ROOT_ID && std::string_view(name) == kLinkedState;
    of(request).reply_entry(request, parent, name, own_state ? ENOENT : 0);
  }

  static void forget(fuse_req_t request, fuse_ino_t node, std::uint64_t lookups) {
    of(request).nodes_.forget(node, lookups);
    ::fuse_reply_none(request);
  }

  static void getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info* file) {
    const Mounted& view = of(request);
    struct stat status {};
    // An open file may have no name any more.
    const bool open_file = file != nullptr && ::fstat(static_cast<int>(file->fh), &status) == 0;
    const int failure = open_file ? 0 : view.tree_.attributes(view.nodes_.path(node), status);
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
    const int failure = view.tree_.set_attributes(
        view.nodes_.path(node), *wanted, what, file == nullptr ? -1 : static_cast<int>(file->fh));
    if (failure != 0) {
      ::fuse_reply_err(request, failure);
    } else {
      getattr(request, node, file);
    }
  }

  static void opendir(fuse_req_t request, fuse_ino_t node, fuse_file_info* file) {
    const Mounted& view = of(request);
    auto names = view.tree_.names_in(view.nodes_.path(node));
    if (const int* failure = std::get_if<int>(&names)) {
      ::fuse_reply_err(request, *failure);
      return;
    }
    auto listed = std::make_unique<Names>(std::get<Names>(std::move(names)));
    file->fh = reinterpret_cast<std::uint64_t>(listed.get());
    if (::fuse_reply_open(request, file) == 0) listed.release();  // until releasedir
  }

  static void readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset,
                      fuse_file_info* file) {
    const Mounted& view = of(request);
    const auto& names = *reinterpret_cast<const Names*>(file->fh);
    const std::string directory = view.nodes_.path(node);
    std::vector<char> page(size);
    std::size_t used = 0;
    for (auto i = static_cast<std::size_t>(offset); i < names.size(); ++i) {
      struct stat status {};
      const std::string path = directory.empty() ? names[i] : directory + "/" + names[i];
      if (names[i] != "." && names[i] != ".." && view.tree_.attributes(path, status) != 0) continue;
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
    Fd fd = view.tree_.open(view.nodes_.path(node),
                            file->flags & ~(O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW));
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
    Fd fd = view.tree_.create(path, file->flags & ~(O_APPEND | O_NOFOLLOW), mode);
    fuse_entry_param answer{};
    const int failure = fd ? view.tree_.attributes(path, answer.attr) : errno;
    if (failure != 0) {
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
    fuse_bufvec bytes = file_range(*file, size, offset);
    ::fuse_reply_data(request, &bytes, FUSE_BUF_SPLICE_NONBLOCK);
  }

  static void write_buf(fuse_req_t request, fuse_ino_t, fuse_bufvec* source, off_t offset,
                        fuse_file_info* file) {
    fuse_bufvec target = file_range(*file, ::fuse_buf_size(source), offset);
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
    const bool done = (data_only != 0 ? ::fdatasync(fd) : ::fsync(fd)) == 0;
    ::fuse_reply_err(request, done ? 0 : errno);
  }

  static void fallocate(fuse_req_t request, fuse_ino_t, int mode, off_t offset, off_t length,
                        fuse_file_info* file) {
    const bool done = ::fallocate(static_cast<int>(file->fh), mode, offset, length) == 0;
    ::fuse_reply_err(request, done ? 0 : errno);
  }

  static void mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
    Mounted& view = of(request);
    const int failure = view.tree_.make_directory(view.nodes_.path(parent, name), mode);
    view.reply_entry(request, parent, name, failure);
  }

  static void symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const int failure = view.tree_.make_symbolic_link(view.nodes_.path(parent, name), target);
    view.reply_entry(request, parent, name, failure);
  }

  static void link(fuse_req_t request, fuse_ino_t node, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const int failure =
        view.tree_.make_link(view.nodes_.path(node), view.nodes_.path(parent, name));
    view.reply_entry(request, parent, name, failure);
  }

  static void readlink(fuse_req_t request, fuse_ino_t node) {
    const Mounted& view = of(request);
    const auto target = view.tree_.symbolic_link(view.nodes_.path(node));
    if (const int* failure = std::get_if<int>(&target)) {
      ::fuse_reply_err(request, *failure);
    } else {
      ::fuse_reply_readlink(request, std::get<std::string>(target).c_str());
    }
  }

  static void unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const int failure = view.tree_.remove(view.nodes_.path(parent, name));
    if (failure == 0) view.nodes_.remove(parent, name);
    ::fuse_reply_err(request, failure);
  }

  static void rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) {
    Mounted& view = of(request);
    const int failure = view.tree_.remove_directory(view.nodes_.path(parent, name));
    if (failure == 0) view.nodes_.remove(parent, name);
    ::fuse_reply_err(request, failure);
  }

  static void rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
                     const char* new_name, unsigned flags) {
    Mounted& view = of(request);
    const int failure = view.tree_.rename(view.nodes_.path(parent, name),
                                          view.nodes_.path(new_parent, new_name), flags);
    if (failure == 0) view.nodes_.rename(parent, name, new_parent, new_name);
    ::fuse_reply_err(request, failure);
  }

  static void statfs(fuse_req_t request, fuse_ino_t) {
    struct statvfs status {};
    if (::fstatvfs(of(request).tree_.directory().get(), &status) != 0) {
      ::fuse_reply_err(request, errno);
    } else {
      ::fuse_reply_statfs(request, &status);
    }
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

  LinkedObjects& objects_;
  LinkedTree tree_;
  PathNodes nodes_;
  FuseSession session_;
};

LinkedView::LinkedView(const Fd& directory, LinkedObjects& objects,
                       const std::filesystem::path& place, bool read_only)
    : mounted_(std::make_unique<Mounted>(directory, objects, place, read_only)) {}
LinkedView::~LinkedView() = default;

}  // namespace millrace::runner
