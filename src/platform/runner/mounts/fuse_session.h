#pragma once

#define FUSE_USE_VERSION 314
#include <fuse3/fuse_lowlevel.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/fd.h"

namespace millrace::runner {

/// What a view's init must say: sizes, and those of the FUSE_CAP_ `capabilities` that the kernel
/// has.
void agree_on(fuse_conn_info& connection, unsigned capabilities);

/// The view that a session serves requests with.
template <class View>
View& view_of(fuse_req_t request) {
  return *static_cast<View*>(::fuse_req_userdata(request));
}

/// How a view is mounted.
struct FuseOptions {
  std::filesystem::path directory;  ///< where; it exists
  std::string name;                 ///< shown in /proc/mounts
  bool read_only = false;
  int threads = 2;  ///< that hear the kernel's requests
};

/// A file system that this process serves, mounted from construction to destruction. The kernel
/// checks permissions by the modes that the view gives; only this user sees it.
///
/// If this process is killed the mount stays behind and answers ENOTCONN: remove_tree() detaches
/// it.
class FuseSession {
 public:
  /// `view` is what the operations get as fuse_req_userdata() and must outlive the session. Throws
  /// Error(Platform) saying why this machine or user cannot mount.
  FuseSession(const fuse_lowlevel_ops& operations, void* view, const FuseOptions& options);
  FuseSession(const FuseSession&) = delete;
  FuseSession& operator=(const FuseSession&) = delete;
  /// Unmounts, whoever still uses it. No request may be unanswered any more.
  ~FuseSession();

  /// Hears no further requests; what is in hand may still be answered.
  void stop_hearing();

 private:
  struct Close {
    void operator()(fuse_session* session) const { ::fuse_session_destroy(session); }
  };

  void serve();
  void set_readahead(const FuseOptions& options) const;

  std::unique_ptr<fuse_session, Close> session_;
  Fd end_;  ///< eventfd, readable once the threads shall end
  std::vector<std::jthread> threads_;
};

}  // namespace millrace::runner
