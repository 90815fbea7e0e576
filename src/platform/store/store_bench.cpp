// What the store costs below HTTP. PUT is measured against the work nobody can leave out: copying
// the bytes to a synced file while hashing them with OpenSSL's MD5, both in one thread, as `md5sum`
// and `cp` would.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/fd.h"
#include "core/io/file.h"
#include "platform/aws/digest.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

const aws::Caller kCaller{.account = "000000000000", .region = "us-east-1"};

class Body final : public aws::Payload {
 public:
  explicit Body(std::string_view bytes) : rest_(bytes), length_(bytes.size()) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = std::min(buffer.size(), rest_.size());
    std::copy_n(rest_.data(), count, buffer.data());
    rest_.remove_prefix(count);
    return count;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] std::optional<aws::Checksum> checksum() const override { return std::nullopt; }

 private:
  std::string_view rest_;
  std::size_t length_;
};

/// A store on a directory of its own, in the working directory: /tmp may be memory, which syncs for
/// free.
struct Fixture {
  Fixture() {
    std::string pattern = (std::filesystem::current_path() / "store-bench-XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
    database = std::make_unique<records::Database>(directory / "records.db");
    store = std::make_unique<Store>(*database, directory / "objects");
    store->create_bucket({.bucket = "bucket"}, kCaller);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() {
    store.reset();
    database.reset();
    std::filesystem::remove_all(directory);
  }
  void put(const std::string& key, std::string_view bytes) const {
    Body body(bytes);
    wire::s3::PutObjectRequest request;
    request.bucket = "bucket";
    request.key = key;
    request.body = &body;
    store->put_object(request, kCaller);
  }

  std::filesystem::path directory;
  std::unique_ptr<records::Database> database;
  std::unique_ptr<Store> store;
};

constexpr std::size_t kLargeBytes = 64 << 20;

void copy_and_hash(benchmark::State& state) {
  const Fixture fixture;
  const std::string bytes(kLargeBytes, 'x');
  std::string block(256 * 1024, '\0');
  for (auto _ : state) {
    const std::filesystem::path path = fixture.directory / "copy";
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
    aws::Digest md5(aws::Digest::Kind::Md5);
    Body body(bytes);
    while (const std::size_t got = body.read(block)) {
      md5.update(std::string_view(block.data(), got));
      write_all(file.get(), {block.data(), got});
    }
    benchmark::DoNotOptimize(md5.finish());
    ::fsync(file.get());
    sync_directory(fixture.directory);
    state.PauseTiming();
    std::filesystem::remove(path);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kLargeBytes));
}
BENCHMARK(copy_and_hash)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(2);

void put_large(benchmark::State& state) {
  const Fixture fixture;
  const std::string bytes(kLargeBytes, 'x');
  for (auto _ : state) {
    fixture.put("k", bytes);
    state.PauseTiming();
    fixture.store->delete_object({.bucket = "bucket", .key = "k"}, kCaller);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kLargeBytes));
}
BENCHMARK(put_large)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(2);

/// Durable objects of 4 KiB per second, by the number of clients.
void put_small(benchmark::State& state) {
  static std::unique_ptr<Fixture> fixture;
  static std::atomic<int> next;
  if (state.thread_index() == 0) fixture = std::make_unique<Fixture>();
  const std::string bytes(4096, 'x');
  for (auto _ : state) fixture->put("k" + std::to_string(next++), bytes);
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) fixture.reset();
}
BENCHMARK(put_small)->UseRealTime()->Threads(1)->Threads(8);

/// `hot` objects fit the cache of open objects, the others are looked up in the database and
/// opened.
void get_small(benchmark::State& state) {
  const Fixture fixture;
  const bool hot = state.range(0) == 1;
  const int objects = hot ? 100 : 400;
  for (int i = 0; i < objects; ++i) fixture.put("k" + std::to_string(i), std::string(100, 'x'));
  int next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fixture.store->get_object(
        {.bucket = "bucket", .key = "k" + std::to_string(next++ % objects)}, kCaller));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(get_small)->ArgName("hot")->Arg(1)->Arg(0)->MinTime(0.5);

/// Pages of 1000 keys out of 100,000, made by copying rows: a listing never looks at files.
void list_page_of_1000(benchmark::State& state) {
  const Fixture fixture;
  fixture.database->write([](records::Connection& connection) {
    records::ObjectTable table(connection);
    for (int i = 0; i < 100'000; ++i) {
      table.put({.bucket = "bucket",
                 .key = "directory-" + std::to_string(i % 100) + "/file-" + std::to_string(i),
                 .size = i,
                 .etag = "0123456789abcdef0123456789abcdef",
                 .content = "0123456789abcdef0123456789abcdef",
                 .document = "{}"});
    }
  });
  const std::string delimiter = state.range(0) == 1 ? "/" : "";
  std::int64_t entries = 0;
  std::optional<std::string> token;
  for (auto _ : state) {
    const auto page = fixture.store->list_objects_v2(
        {.bucket = "bucket", .delimiter = delimiter, .continuation_token = token}, kCaller);
    entries += *page.key_count;
    token = page.next_continuation_token;
  }
  state.SetItemsProcessed(entries);
}
BENCHMARK(list_page_of_1000)->ArgName("delimiter")->Arg(0)->Arg(1)->MinTime(0.5);

}  // namespace
}  // namespace millrace::store
