#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <map>
#include <random>
#include <thread>

#include "platform/store/store_fixture.h"

namespace millrace::store {
namespace {

using ::testing::HasSubstr;

class DurabilityTest : public StoreTest {
 protected:
  DurabilityTest() { make_bucket(); }

  std::string upload_of(const std::string& key) {
    return *store().create_multipart_upload({.bucket = "bucket", .key = key}, caller_).upload_id;
  }
};

/// Recognisable content whose name says what it must be, and whose end shows a cut.
std::string content_for(unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(random() % 40 == 0 ? 5 << 20 : random() % 60'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); i += 64) bytes[i] = static_cast<char>(random());
  return bytes;
}

/// What a client of the killed daemon was told, one line of a pipe each.
struct Acknowledged {
  int slot;       ///< which key
  unsigned seed;  ///< of the content that was acknowledged; 0 for its deletion
};

class KilledStoreTest : public StoreTest {
 protected:
  static constexpr int kSlots = 24;
  static std::string key_of(int slot) { return "k" + std::to_string(slot); }

  /// Puts, deletes and completes uploads until it is killed. Each thread owns its keys, so that the
  /// last thing it was told about a key is what must be there, or what it was about to do next.
  [[noreturn]] void work(unsigned seed, int reports, int intents) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([this, thread, seed, reports, intents] {
        std::mt19937 random(seed * 10 + static_cast<unsigned>(thread));
        for (;;) {
          const int slot = static_cast<int>(random() % (kSlots / 3)) * 3 + thread;
          const unsigned content_seed =
              random() % 8 == 0 ? 0U : 1U + static_cast<unsigned>(random() % 1'000'000);
          const Acknowledged step{slot, content_seed};
          if (::write(intents, &step, sizeof step) != sizeof step) ::_exit(2);
          if (content_seed == 0) {
            erase(key_of(slot));
          } else if (random() % 3 == 0) {
            put_in_parts(key_of(slot), content_for(content_seed));
          } else {
            put(key_of(slot), content_for(content_seed));
          }
          if (::write(reports, &step, sizeof step) != sizeof step) ::_exit(2);
        }
      });
    }
    ::pause();
    ::_exit(0);
  }

  void put_in_parts(const std::string& key, const std::string& bytes) {
    const std::string upload =
        *store().create_multipart_upload({.bucket = "bucket", .key = key}, caller_).upload_id;
    std::vector<wire::s3::CompletedPart> parts;
    constexpr std::size_t kPart = 5 << 20;
    for (std::size_t at = 0; at == 0 || at < bytes.size(); at += kPart) {
      MemoryPayload payload(std::string_view(bytes).substr(at, kPart));
      wire::s3::UploadPartRequest request{.bucket = "bucket", .key = key};
      request.part_number = static_cast<std::int64_t>(parts.size() + 1);
      request.upload_id = upload;
      request.body = &payload;
      parts.push_back({.e_tag = store().upload_part(request, caller_).e_tag,
                       .part_number = request.part_number});
    }
    store().complete_multipart_upload({.bucket = "bucket",
                                       .key = key,
                                       .multipart_upload = {{.parts = parts}},
                                       .upload_id = upload},
                                      caller_);
  }
};

std::vector<Acknowledged> drain(int fd) {
  std::vector<Acknowledged> all;
  Acknowledged one{};
  while (::read(fd, &one, sizeof one) == sizeof one) all.push_back(one);
  return all;
}

TEST_F(KilledStoreTest,
       KillingTheDaemonAtAnyInstantLosesNothingThatWasAcknowledgedAndLeavesNothingElse) {
  make_bucket();
  std::map<int, unsigned>
      expected;  // slot -> seed of the content; absent when deleted or never put
  std::mt19937 random(11);
  std::size_t acknowledged_in_all = 0;
  for (unsigned round = 0; round < 30; ++round) {
    int reports[2];
    int intents[2];
    ASSERT_EQ(::pipe(reports), 0);
    ASSERT_EQ(::pipe(intents), 0);
    // Pipes hold what one round says: the parent reads only after the child is dead.
    ::fcntl(reports[1], F_SETPIPE_SZ, 1 << 20);
    ::fcntl(intents[1], F_SETPIPE_SZ, 1 << 20);
    // An open database must not cross a fork.
    close();
    const pid_t child = ::fork();
    if (child == 0) {
      open();
      work(round, reports[1], intents[1]);
    }
    ::close(reports[1]);
    ::close(intents[1]);
    ::usleep(20'000 + static_cast<useconds_t>(random() % 120'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::map<int, unsigned> last_intent;
    for (const Acknowledged& step : drain(intents[0])) last_intent[step.slot] = step.seed;
    for (const Acknowledged& step : drain(reports[0])) {
      ++acknowledged_in_all;
      if (step.seed == 0) {
        expected.erase(step.slot);
      } else {
        expected[step.slot] = step.seed;
      }
    }
    ::close(reports[0]);
    ::close(intents[0]);

    open();
    EXPECT_EQ(temporary_files(), 0U) << "round " << round;
    std::size_t objects = 0;
    for (int slot = 0; slot < kSlots; ++slot) {
      std::optional<std::string> found;
      const std::string code = code_of([&] { found = bytes_of(key_of(slot)); });
      ASSERT_TRUE(code.empty() || code == "NoSuchKey") << code;
      objects += found ? 1 : 0;
      const auto acknowledged = expected.find(slot);
      const std::optional<std::string> promised =
          acknowledged == expected.end() ? std::nullopt
                                         : std::optional(content_for(acknowledged->second));
      if (found == promised) continue;
      // Not what was acknowledged last, so it must be what was being done when the daemon died.
      const auto intent = last_intent.find(slot);
      ASSERT_NE(intent, last_intent.end()) << "slot " << slot << ", round " << round;
      ASSERT_EQ(found,
                intent->second == 0 ? std::nullopt : std::optional(content_for(intent->second)))
          << "slot " << slot << ", round " << round;
      if (intent->second == 0) {
        expected.erase(slot);
      } else {
        expected[slot] = intent->second;
      }
    }
    const auto uploads = store().list_multipart_uploads({.bucket = "bucket"}, caller_).uploads;
    std::size_t parts = 0;
    for (const auto& upload : uploads.value_or(std::vector<wire::s3::MultipartUpload>())) {
      const auto page = store().list_parts(
          {.bucket = "bucket", .key = *upload.key, .upload_id = *upload.upload_id}, caller_);
      parts += page.parts ? page.parts->size() : 0;
      store().abort_multipart_upload(
          {.bucket = "bucket", .key = *upload.key, .upload_id = *upload.upload_id}, caller_);
    }
    EXPECT_EQ(content_files(), objects) << parts << " parts were aborted, round " << round;
  }
  EXPECT_GT(acknowledged_in_all, 30U) << "the daemon was killed before it did anything";
}

TEST_F(DurabilityTest, ATemporaryFileDoesNotOutliveTheNextStart) {
  put("k", "x");
  std::ofstream(directory() / "objects" / "tmp" / "0123456789abcdef0123456789abcdef")
      << "half an obj";
  std::filesystem::create_directories(directory() / "objects" / "01");
  // One that had its final name already, but no row.
  std::filesystem::create_hard_link(
      directory() / "objects" / "tmp" / "0123456789abcdef0123456789abcdef",
      directory() / "objects" / "01" / "0123456789abcdef0123456789abcdef");
  open();
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(content_files(), 1U);
  EXPECT_EQ(bytes_of("k"), "x");
}

/// Runs the body with a disk that takes `limit` more bytes in any file.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_F(DurabilityTest, AWriteThatTheDiskRefusesIsNamedAndLeavesNothing) {
  put("k", "old");
  const std::string bytes(9'000'000, 'x');
  {
    const FileSizeLimit limit(4'000'000);
    try {
      put("k", bytes);
      FAIL() << "stored";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "InsufficientStorage");
      EXPECT_THAT(error.what(), HasSubstr("The disk that holds the data directory is full"));
    }
    const std::string upload = upload_of("k");
    MemoryPayload payload(bytes);
    wire::s3::UploadPartRequest request{.bucket = "bucket", .key = "k"};
    request.part_number = 1;
    request.upload_id = upload;
    request.body = &payload;
    EXPECT_EQ(code_of([&] { store().upload_part(request, caller_); }), "InsufficientStorage");
    store().abort_multipart_upload({.bucket = "bucket", .key = "k", .upload_id = upload}, caller_);
  }
  EXPECT_EQ(bytes_of("k"), "old");
  EXPECT_EQ(content_files(), 1U);
  EXPECT_EQ(temporary_files(), 0U);
  put("k", bytes);
  EXPECT_TRUE(bytes_of("k") == bytes);
}

TEST_F(DurabilityTest, AnObjectLargerThanTheDiskIsRefusedBeforeItIsRead) {
  class Huge final : public aws::Payload {
   public:
    std::size_t read(std::span<char>) override {
      ADD_FAILURE() << "read";
      return 0;
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const override {
      return std::uint64_t{1} << 60;
    }
    [[nodiscard]] std::optional<aws::Checksum> checksum() const override { return std::nullopt; }
  } huge;
  wire::s3::PutObjectRequest request;
  request.bucket = "bucket";
  request.key = "k";
  request.body = &huge;
  EXPECT_EQ(code_of([&] { store().put_object(request, caller_); }), "InsufficientStorage");
  EXPECT_EQ(temporary_files(), 0U);
}

TEST(FullDiskTest, AFileSystemWithoutSpaceRefusesObjectsAndRowsAndRecoversWhenFreed) {
  // A disk of its own that is really full. Mounting takes root; an ordinary user has the limit on
  // file size above.
  if (::geteuid() != 0) GTEST_SKIP() << "mounting a small file system takes root";
  std::string pattern = (std::filesystem::temp_directory_path() / "full-disk-XXXXXX").string();
  const std::filesystem::path disk = ::mkdtemp(pattern.data());
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=8m") != 0) {
    std::filesystem::remove(disk);
    GTEST_SKIP() << "this machine allows no mounts: " << std::strerror(errno);
  }
  {
    records::Database database(disk / "records.db");
    Store store(database, disk / "objects");
    const aws::Caller caller{.account = "000000000000", .region = "us-east-1"};
    store.create_bucket({.bucket = "bucket"}, caller);
    const auto put = [&](const std::string& key, std::string_view bytes, bool tells_length) {
      MemoryPayload payload(bytes);
      payload.tells_length = tells_length;
      wire::s3::PutObjectRequest request;
      request.bucket = "bucket";
      request.key = key;
      request.body = &payload;
      try {
        store.put_object(request, caller);
        return std::string();
      } catch (const Error& error) {
        return error.code();
      }
    };
    const auto temporary = [&] {
      return std::distance(std::filesystem::directory_iterator(disk / "objects" / "tmp"), {});
    };
    EXPECT_EQ(put("kept", "kept", true), "");
    const std::string bytes(20'000'000, 'x');
    EXPECT_EQ(put("too-large", bytes, true), "InsufficientStorage");
    EXPECT_EQ(put("too-large", bytes, false), "InsufficientStorage");
    EXPECT_EQ(temporary(), 0);
    // Fill it to the brim with objects, until even a small one and its row do not fit.
    std::string code;
    int stored = 0;
    while (code.empty() && stored < 10'000) {
      code = put("k" + std::to_string(stored), std::string(3000, 'x'), stored % 2 == 0);
      if (code.empty()) ++stored;
    }
    EXPECT_EQ(code, "InsufficientStorage");
    EXPECT_GT(stored, 100);
    EXPECT_EQ(temporary(), 0);
    const auto output = store.get_object({.bucket = "bucket", .key = "kept"}, caller);
    EXPECT_EQ(output.content_length, 4);
    // Once the disk has room again the same store goes on.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(disk / "objects")) {
      if (entry.is_regular_file() && entry.file_size() == 3000) {
        ::truncate(entry.path().c_str(), 0);
      }
    }
    EXPECT_EQ(put("again", "again", true), "");
  }
  ::umount(disk.c_str());
  std::filesystem::remove(disk);
}

}  // namespace
}  // namespace millrace::store
