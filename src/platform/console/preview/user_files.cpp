#include "platform/console/preview/user_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/beneath.h"
#include "platform/console/preview/replace_file.h"

namespace millrace::console {
namespace {

constexpr const char* kConflict = "Conflict";

/// The text of an element that has no others inside; of S3's short error documents.
std::string element(std::string_view xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  const std::size_t from = begin + open.size();
  return std::string(xml.substr(from, xml.find('<', from) - from));
}

[[noreturn]] void refuse_s3(const http::Response& response, const Place& place) {
  const auto* body = std::get_if<std::string>(&response.body);
  const std::string code = body == nullptr ? std::string() : element(*body, "Code");
  const std::string message =
      place.text() + ": " + (body == nullptr ? std::string() : element(*body, "Message"));
  if (code == "PreconditionFailed") {
    refuse_conflict(place.text() + " has changed since it was read. Read it again.");
  }
  if (response.status == 404) not_found(message);
  if (response.status == 403) throw Error(Blame::Customer, "AccessDeniedException", message);
  throw Error(response.status >= 500 ? Blame::Platform : Blame::Customer, code, message);
}

std::string version_of(const struct stat& status) {
  return std::to_string(status.st_ino) + "-" + std::to_string(status.st_size) + "-" +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

/// Part of an open file from its beginning to its end.
class FileStream final : public ByteSource {
 public:
  explicit FileStream(const OpenFile& file) : file_(file) {}

  std::size_t read(std::span<char> buffer) override {
    const std::string block = file_.read(at_, buffer.size());
    std::copy(block.begin(), block.end(), buffer.begin());
    at_ += block.size();
    return block.size();
  }

 private:
  const OpenFile& file_;
  std::uint64_t at_ = 0;
};

[[noreturn]] void refuse_path(const Place& place) {
  if (errno == EACCES || errno == EPERM) {
    throw Error(Blame::Customer, "AccessDeniedException",
                place.text() + " belongs to another user of this machine.");
  }
  not_found("There is no file " + place.text() +
            " that is reached from the file system's root without a link.");
}

}  // namespace

void refuse_conflict(const std::string& message) {
  throw Error(Blame::Customer, kConflict, message);
}

std::string OpenFile::read(std::uint64_t from, std::size_t max_bytes) const {
  std::string bytes(
      static_cast<std::size_t>(std::min<std::uint64_t>(max_bytes, size - std::min(from, size))),
      '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::pread(file->get(), bytes.data() + filled, bytes.size() - filled,
                                static_cast<off_t>(offset + from + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a file");
    if (got == 0) break;  // it has become shorter
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::unique_ptr<ByteSource> OpenFile::stream() const {
  return std::make_unique<FileStream>(*this);
}

http::Response UserFiles::s3(Call& call, const Place& place, const char* method,
                             const std::string& body, const http::Headers& headers) const {
  MemorySource source(body);
  http::Request request{.method = method,
                        .path = "/" + uri_encode(place.container, Slash::Encode) + "/" +
                                uri_encode(place.path, Slash::Keep),
                        .query = {},
                        .headers = headers,
                        .content_length = body.size(),
                        .peer = call.request.peer,
                        .body = &source};
  return dispatch_.handle(request, {.service = "s3", .caller = call.caller});
}

OpenFile UserFiles::open_object(Call& call, const Place& place) const {
  http::Response response = s3(call, place, "GET", {}, {});
  if (response.status != 200) refuse_s3(response, place);
  auto* range = std::get_if<http::FileRange>(&response.body);
  if (range == nullptr)
    throw Error(Blame::Platform, place.text() + ": the object is not held in a file");
  return {.file = std::move(range->file),
          .offset = range->offset,
          .size = range->length,
          .version = std::string(response.headers.find("ETag").value_or("")),
          .type = std::string(response.headers.find("Content-Type").value_or(""))};
}

records::FileSystemRow UserFiles::file_system(const Place& place) const {
  std::optional<records::FileSystemRow> row = file_systems_.find(place.container);
  if (!row) not_found("There is no file system " + printable(place.container, 60) + ".");
  return *std::move(row);
}

OpenFile UserFiles::open_file(Call& call, const Place& place) const {
  permit_(call, "millrace:ReadFileSystem", place.text());
  const records::FileSystemRow row = file_system(place);
  Fd file = open_beneath(row.path, place.path.empty() ? "." : place.path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) refuse_path(place);
  if (!S_ISREG(status.st_mode)) not_found(place.text() + " is no file.");
  return {.file = std::make_shared<const Fd>(std::move(file)),
          .offset = 0,
          .size = static_cast<std::uint64_t>(status.st_size),
          .version = version_of(status),
          .type = {}};
}

OpenFile UserFiles::open(Call& call, const Place& place) const {
  return place.kind == Place::Kind::S3 ? open_object(call, place) : open_file(call, place);
}

std::string UserFiles::read(Call& call, const Place& place, std::size_t max_bytes) const {
  const OpenFile file = open(call, place);
  if (file.size > max_bytes) {
    throw Error(Blame::Customer, "ValidationException",
                place.text() + " has " + human_bytes(file.size) + "; at most " +
                    human_bytes(max_bytes) + " are read here.");
  }
  return file.read(0, max_bytes);
}

void UserFiles::write_object(Call& call, const Place& place, const std::string& bytes,
                             const std::string& version) const {
  http::Headers headers;
  headers.add("Content-Type", "text/plain; charset=utf-8");
  headers.add(version.empty() ? "If-None-Match" : "If-Match", version.empty() ? "*" : version);
  const http::Response response = s3(call, place, "PUT", bytes, headers);
  if (response.status != 200) refuse_s3(response, place);
}

void UserFiles::write_file(Call& call, const Place& place, const std::string& bytes,
                           const std::string& version) const {
  permit_(call, "millrace:WriteFileSystem", place.text());
  const records::FileSystemRow row = file_system(place);
  const std::filesystem::path path(place.path);
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Fd directory = open_beneath(row.path, folder, O_RDONLY | O_DIRECTORY);
  if (!directory) refuse_path(place);
  const KeyedMutex::Lock lock(writes_, place.text());
  const bool done =
      version.empty()
          ? create_file(directory, path.filename(), bytes, 0644)
          : replace_file(directory, path.filename(), bytes, [&](const struct stat& status) {
              return S_ISREG(status.st_mode) && version_of(status) == version;
            });
  if (!done) refuse_conflict(place.text() + " has changed since it was read. Read it again.");
}

void UserFiles::write(Call& call, const Place& place, const std::string& bytes,
                      const std::string& version) const {
  if (place.kind == Place::Kind::S3) return write_object(call, place, bytes, version);
  write_file(call, place, bytes, version);
}

}  // namespace millrace::console
