#include "platform/cli/lst/image_root.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/content_types.h"
#include "core/data/lst.h"
#include "core/io/file.h"
#include "core/io/progress.h"
#include "generated/aws/s3/operations.h"
#include "platform/cli/connection.h"
#include "platform/runner/daemon.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;
namespace s3 = wire::s3;

constexpr std::size_t kMaxImageBytes = std::size_t{1} << 29;  // what a RecordIO record may have

bool is_image_name(std::string_view name) {
  const FormatNames* format = format_of_file(name);
  return format != nullptr && format->format == DataFormat::Image && !name.ends_with(".gz");
}

bool is_hidden(std::string_view path) {
  for (const std::string_view part : split(path, '/')) {
    if (part.starts_with('.')) return true;
  }
  return false;
}

class Directory final : public ImageRoot {
 public:
  explicit Directory(fs::path root) : root_(std::move(root)) {
    std::error_code unknown;
    if (fs::is_directory(root_, unknown)) return;
    refuse(root_.string(), "no such folder", "a folder of images, or s3://bucket/prefix");
  }

  std::vector<std::string> images() override {
    std::vector<std::string> found;
    Progress progress("listing " + root_.string(), 0);
    walk(root_, "", found, progress);
    std::sort(found.begin(), found.end());
    return found;
  }

  std::optional<std::string> read(const std::string& path) override {
    std::error_code unknown;
    if (leads_outside(path) || !fs::is_regular_file(root_ / path, unknown)) return std::nullopt;
    return read_file(root_ / path, kMaxImageBytes);
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  /// Follows links to folders, as people keep classes elsewhere, but never into a folder it is in.
  void walk(const fs::path& folder, const std::string& relative, std::vector<std::string>& found,
            Progress& progress) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) throw_errno("looking at " + folder.string());
    const Identity identity{status.st_dev, status.st_ino};
    if (!within_.insert(identity).second) return;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.')) continue;
      std::error_code unknown;
      if (entry.is_directory(unknown)) {
        walk(entry.path(), relative + name + "/", found, progress);
      } else if (is_image_name(name) && entry.is_regular_file(unknown)) {
        found.push_back(relative + name);
        progress.advance(1);
      }
    }
    within_.erase(identity);
  }

  fs::path root_;
  std::set<Identity> within_;
};

class Prefix final : public ImageRoot {
 public:
  Prefix(const std::string& uri, aws::Client client)
      : uri_(uri), place_(runner::parse_s3_uri(uri, "images")), client_(std::move(client)) {
    if (!place_.key.empty() && !place_.key.ends_with('/')) place_.key += '/';
  }

  std::vector<std::string> images() override {
    std::vector<std::string> found;
    Progress progress("listing " + uri_, 0);
    s3::ListObjectsV2Request request{.bucket = place_.bucket, .prefix = place_.key};
    bool more = true;
    while (more) {
      const auto page = client_.call<s3::ops::ListObjectsV2>(request);
      if (page.contents) {
        for (const auto& object : *page.contents) {
          std::string path = object.key.value_or("").substr(place_.key.size());
          if (is_image_name(path) && !is_hidden(path)) found.push_back(std::move(path));
        }
        progress.advance(page.contents->size());
      }
      request.continuation_token = page.next_continuation_token;
      more = page.is_truncated.value_or(false) && request.continuation_token.has_value();
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  std::optional<std::string> read(const std::string& path) override {
    if (leads_outside(path)) return std::nullopt;
    try {
      auto answer =
          client_.call<s3::ops::GetObject>({.bucket = place_.bucket, .key = place_.key + path});
      return read_all(aws::stream_of(answer.body), kMaxImageBytes, uri_ + "/" + path);
    } catch (const Error& error) {
      if (error.code() == "NoSuchKey") return std::nullopt;
      throw;
    }
  }

 private:
  std::string uri_;
  runner::ObjectName place_;
  aws::Client client_;
};

}  // namespace

std::unique_ptr<ImageRoot> open_image_root(const std::string& where, const fs::path& data_dir) {
  if (where.starts_with("s3://")) return std::make_unique<Prefix>(where, connect(data_dir));
  return std::make_unique<Directory>(where);
}

}  // namespace millrace::cli
