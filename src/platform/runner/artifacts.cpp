#include "platform/runner/artifacts.h"

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <system_error>
#include <vector>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/io/tar_writer.h"
#include "platform/runner/tree.h"
#include "platform/runner/upload_sink.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using Note = std::function<void(std::string_view)>;

constexpr std::size_t kShownBytes = 200;

std::string link_target(const TreeEntry& entry) {
  std::string target(static_cast<std::size_t>(entry.status.st_size) + 1, '\0');
  const ssize_t length =
      ::readlinkat(entry.directory, entry.name.c_str(), target.data(), target.size());
  target.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return target;
}

/// The place a link leads to, relative to `top`; nullopt when that is outside, or the link goes
/// through an absolute path. Every link on the way is resolved, since a chain of harmless ones can
/// climb.
std::optional<fs::path> inside(const fs::path& top, const TreeEntry& link,
                               const std::string& target) {
  if (target.empty() || target.front() == '/') return std::nullopt;
  std::error_code failure;
  const fs::path real_top = fs::canonical(top, failure);
  if (failure) return std::nullopt;
  const fs::path real =
      fs::weakly_canonical(real_top / fs::path(link.path).parent_path() / target, failure);
  if (failure) return std::nullopt;
  const fs::path relative = real.lexically_relative(real_top);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative;
}

TarAttributes attributes_of(const TreeEntry& entry) {
  return {.mode = entry.status.st_mode & 0777U,
          .modified = from_millis(entry.status.st_mtim.tv_sec * 1000)};
}

Fd open_entry(const TreeEntry& entry) {
  Fd fd(::openat(entry.directory, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno == EACCES) {
    // The job's own user may have taken away its right to read; it is still the owner.
    ::fchmodat(entry.directory, entry.name.c_str(), 0600, 0);
    fd = Fd(::openat(entry.directory, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!fd) throw_errno("reading artifact '" + entry.path + "'");
  return fd;
}

void say_left_out(const TreeEntry& entry, std::string_view reason, const Note& note) {
  note("left out of the artifacts: '" + printable(entry.path, kShownBytes) + "', " +
       std::string(reason));
}

class Archive {
 public:
  Archive(ByteSink& target, const Note& note) : gzip_(target), tar_(gzip_), note_(note) {}

  void add(const fs::path& top, const TreeEntry& entry) {
    if (S_ISREG(entry.status.st_mode)) {
      FdSource content(open_entry(entry));
      tar_.add_file(entry.path, static_cast<std::uint64_t>(entry.status.st_size),
                    attributes_of(entry), content);
    } else if (S_ISDIR(entry.status.st_mode)) {
      tar_.add_directory(entry.path, attributes_of(entry));
    } else if (S_ISLNK(entry.status.st_mode)) {
      const std::string target = link_target(entry);
      if (!inside(top, entry, target))
        return say_left_out(entry, "a link that leads outside", note_);
      tar_.add_symlink(entry.path, target, attributes_of(entry));
    } else {
      say_left_out(entry, "which is neither a file, a directory nor a link", note_);
    }
  }

  void finish() {
    tar_.finish();
    gzip_.finish();
  }

 private:
  GzipSink gzip_;
  TarWriter tar_;
  const Note& note_;
};

struct Destination {
  Daemon& daemon;
  ObjectName prefix;
  const Patience& patience;
  Amount& sent;

  [[nodiscard]] ObjectName object(const std::string& name) const {
    return {.bucket = prefix.bucket, .key = prefix.key.empty() ? name : prefix.key + "/" + name};
  }
};

/// Runs `send` with a sink for the object; failures name it.
template <class Send>
void upload(const Destination& destination, const ObjectName& object, Send&& send) {
  try {
    UploadSink sink(destination.daemon, object, destination.patience);
    send(sink);
    sink.finish();
    ++destination.sent.objects;
    destination.sent.bytes += sink.bytes();
  } catch (const Error& error) {
    throw Error(error.blame(), error.code(), "uploading " + object.uri() + ": " + error.what());
  }
}

void upload_file(const Destination& destination, const std::string& name, Fd file) {
  upload(destination, destination.object(name), [&](UploadSink& sink) {
    FdSource source(std::move(file));
    copy(source, sink);
  });
}

void upload_entry(const fs::path& top, const TreeEntry& entry, const ArtifactTarget& target,
                  const Destination& destination, const Note& note) {
  const std::string name = target.folder.empty() ? entry.path : target.folder + "/" + entry.path;
  if (S_ISREG(entry.status.st_mode)) {
    upload_file(destination, name, open_entry(entry));
  } else if (S_ISLNK(entry.status.st_mode)) {
    const auto place = inside(top, entry, link_target(entry));
    Fd file = place ? open_beneath(top, *place, O_RDONLY | O_NONBLOCK) : Fd();
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return say_left_out(entry, "a link that leads to no file inside", note);
    }
    upload_file(destination, name, std::move(file));
  } else if (!S_ISDIR(entry.status.st_mode)) {
    say_left_out(entry, "which is neither a file, a directory nor a link", note);
  }
}

}  // namespace

Amount upload_artifacts(const std::vector<HostTree>& trees, const fs::path& relative,
                        const ArtifactTarget& target, Daemon& daemon, const Patience& patience,
                        const Note& note) {
  ObjectName prefix = parse_s3_uri(target.output_uri, "S3OutputPath");
  while (prefix.key.ends_with('/')) prefix.key.pop_back();
  Amount sent;
  const Destination destination{
      .daemon = daemon, .prefix = std::move(prefix), .patience = patience, .sent = sent};
  if (!target.compress) {
    walk_together(trees, relative, note, [&](const fs::path& top, const TreeEntry& entry) {
      upload_entry(top, entry, target, destination, note);
    });
    return sent;
  }
  upload(destination, destination.object(target.archive), [&](UploadSink& sink) {
    Archive archive(sink, note);
    walk_together(trees, relative, note,
                  [&](const fs::path& top, const TreeEntry& entry) { archive.add(top, entry); });
    archive.finish();
  });
  return sent;
}

bool has_content(const fs::path& root, const fs::path& relative) {
  const Fd directory = open_beneath(root, relative, O_RDONLY | O_DIRECTORY);
  if (!directory) return false;
  bool found = false;
  std::error_code failure;
  for (fs::directory_iterator entry("/proc/self/fd/" + std::to_string(directory.get()), failure),
       end;
       !failure && entry != end && !found; entry.increment(failure)) {
    found = true;
  }
  return found;
}

}  // namespace millrace::runner
