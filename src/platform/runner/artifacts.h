#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/runner/daemon.h"
#include "platform/runner/host_trees.h"
#include "platform/runner/residency_log.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Where a directory's content goes.
struct ArtifactTarget {
  std::string output_uri;  ///< s3://bucket/prefix/<job>/output, with or without a slash at the end
  std::string archive;     ///< "model.tar.gz", used when compress
  std::string folder;      ///< "model", used otherwise; empty: files lie below output_uri itself
  bool compress = true;
};

/// Uploads what programs left in the directory `relative` below the roots: as one archive, packed
/// and sent as a stream without a temporary file, or file by file. Members are named relative to
/// the directory, without a leading "./". A symbolic link is kept where it leads to something
/// inside the directory (as a file's content, when not packed); other links and special files are
/// left out, which `note` is told, one sentence each. An empty or missing directory gives an empty
/// archive, or no file. Several hosts' directories are joined as walk_together() says.
///
/// Returns what is in the store now. Throws Error naming the object: Customer when the store
/// refuses it, Platform when the daemon fails.
Amount upload_artifacts(const std::vector<HostTree>& trees, const std::filesystem::path& relative,
                        const ArtifactTarget& target, Daemon& daemon, const Patience& patience,
                        const std::function<void(std::string_view)>& note);

/// Whether there is anything in the directory.
bool has_content(const std::filesystem::path& root, const std::filesystem::path& relative);

}  // namespace millrace::runner
