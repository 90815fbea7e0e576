#include "platform/runner/mounts/object_view.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "platform/runner/mounts/fuse_session.h"
#include "platform/runner/mounts/object_tree.h"

namespace millrace::runner {
namespace {

/// Names, sizes and content are those of the listing as long as the view exists.
constexpr double kForeverSeconds = 365.0 * 24 * 3600;
constexpr int kThreads = 2;  // which never wait: the ReadAhead's own threads answer
constexpr std::uint32_t kBlockSize = 1 << 20;  // what stat suggests for reading

}  // namespace

class ObjectView::Mounted {
 public:
  Mounted(std::vector<ViewedObject> objects, const std::filesystem::path& directory,
          ConnectDaemon connect, const Patience& patience, const ReadAheadLimits& limits,
          ChannelMeter& meter, ReadAhead::OnFailure on_failure)
      : objects_(std::move(objects)),
        tree_(objects_),
        listed_at_(::time(nullptr)),
        reader_(objects_, std::move(connect), patience, limits, meter, std::move(on_failure)),
        session_(
            operations(), this,
            {.directory = directory, .name = "objects", .read_only = true, .threads = kThreads}) {}
  ~Mounted() {
    session_.stop_hearing();
    reader_.end();
  }

  void abort() { reader_.abort(); }

 private:
  static Mounted& of(fuse_req_t request) { return view_of<Mounted>(request); }
  /// The kernel's number 1 is the root.
  static ObjectTree::Node node_of(fuse_ino_t number) {
    return static_cast<ObjectTree::Node>(number - FUSE_ROOT_ID);
  }
  static fuse_ino_t number_of(ObjectTree::Node node) { return node + FUSE_ROOT_ID; }

  [[nodiscard]] struct stat attributes(ObjectTree::Node node) const {
    struct stat status {};
    const bool directory = tree_.is_directory(node);
    status.st_ino = number_of(node);
    status.st_mode = directory ? S_IFDIR | 0555 : S_IFREG | 0444;
    status.st_nlink = directory ? 2 : 1;
    status.st_uid = ::getuid();
    status.st_gid = ::getgid();
    status.st_size = directory ? 0 : objects_[tree_.object(node)].size;
    status.st_blksize = kBlockSize;
    status.st_blocks = (status.st_size + 511) / 512;
    status.st_mtim.tv_sec = status.st_ctim.tv_sec = status.st_atim.tv_sec = listed_at_;
    return status;
  }
  [[nodiscard]] fuse_entry_param entry(ObjectTree::Node node) const {
    return {.ino = number_of(node),
            .generation = 0,
            .attr = attributes(node),
            .attr_timeout = kForeverSeconds,
            .entry_timeout = kForeverSeconds};
  }

  static void init(void*, fuse_conn_info* connection) {
    agree_on(*connection, FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
                              FUSE_CAP_NO_OPENDIR_SUPPORT);
    connection->want &= ~static_cast<unsigned>(FUSE_CAP_READDIRPLUS_AUTO);
  }

  static void lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
    const Mounted& view = of(request);
    const auto found = view.tree_.find(node_of(parent), name);
    fuse_entry_param answer{};
    answer.entry_timeout = kForeverSeconds;  // number 0: there is no such name, and never will be
    if (found) answer = view.entry(*found);
    ::fuse_reply_entry(request, &answer);
  }

  static void getattr(fuse_req_t request, fuse_ino_t number, fuse_file_info*) {
    const struct stat status = of(request).attributes(node_of(number));
    ::fuse_reply_attr(request, &status, kForeverSeconds);
  }

  static void readdirplus(fuse_req_t request, fuse_ino_t number, std::size_t size, off_t offset,
                          fuse_file_info*) {
    const Mounted& view = of(request);
    const ObjectTree::Node directory = node_of(number);
    const std::vector<ObjectTree::Node>& children = view.tree_.children(directory);
    std::vector<char> page(size);
    std::size_t used = 0;
    // "." and ".." come first.
    for (auto i = static_cast<std::size_t>(offset); i < children.size() + 2; ++i) {
      const ObjectTree::Node node = i == 0   ? directory
                                    : i == 1 ? view.tree_.parent(directory)
                                             : children[i - 2];
      const char* name = i == 0 ? "." : i == 1 ? ".." : view.tree_.name(node).c_str();
      const fuse_entry_param answer = view.entry(node);
      const std::size_t needed = ::fuse_add_direntry_plus(request, page.data() + used, size - used,
                                                          name, &answer, static_cast<off_t>(i + 1));
      if (needed > size - used) break;
      used += needed;
    }
    ::fuse_reply_buf(request, page.data(), used);
  }

  static void open(fuse_req_t request, fuse_ino_t number, fuse_file_info* file) {
    Mounted& view = of(request);
    if ((file->flags & O_ACCMODE) != O_RDONLY) {
      ::fuse_reply_err(request, EROFS);
      return;
    }
    file->fh = view.reader_.open(view.tree_.object(node_of(number)));
    file->keep_cache = 1;
    file->noflush = 1;
    if (::fuse_reply_open(request, file) != 0) view.reader_.close(file->fh);  // the caller is gone
  }

  static void read(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
                   fuse_file_info* file) {
    of(request).reader_.read(file->fh, offset, size, [request](auto bytes, int error) {
      if (error != 0) {
        ::fuse_reply_err(request, error);
        return;
      }
      std::vector<iovec> pieces;
      for (const std::span<const char> each : bytes)
        pieces.push_back({.iov_base = const_cast<char*>(each.data()), .iov_len = each.size()});
      ::fuse_reply_iov(request, pieces.data(), static_cast<int>(pieces.size()));
    });
  }

  static void release(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    of(request).reader_.close(file->fh);
    ::fuse_reply_err(request, 0);
  }

  static void statfs(fuse_req_t request, fuse_ino_t) {
    struct statvfs status {};
    status.f_bsize = status.f_frsize = 4096;
    status.f_files = of(request).tree_.size();
    status.f_namemax = 255;
    ::fuse_reply_statfs(request, &status);
  }

  static const fuse_lowlevel_ops& operations() {
    static const fuse_lowlevel_ops table = [] {
      fuse_lowlevel_ops each{};
      each.init = init;
      each.lookup = lookup;
      each.getattr = getattr;
      each.readdirplus = readdirplus;
      each.open = open;
      each.read = read;
      each.release = release;
      each.statfs = statfs;
      return each;
    }();
    return table;
  }

  const std::vector<ViewedObject> objects_;
  const ObjectTree tree_;
  const std::time_t listed_at_;
  ReadAhead reader_;
  FuseSession session_;
};

ObjectView::ObjectView(std::vector<ViewedObject> objects, const std::filesystem::path& directory,
                       ConnectDaemon connect, const Patience& patience,
                       const ReadAheadLimits& limits, ChannelMeter& meter,
                       ReadAhead::OnFailure on_failure)
    : mounted_(std::make_unique<Mounted>(std::move(objects), directory, std::move(connect),
                                         patience, limits, meter, std::move(on_failure))) {}
ObjectView::~ObjectView() = default;

void ObjectView::abort() {
  mounted_->abort();
}

}  // namespace millrace::runner
