#include "platform/store/receive.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "core/base/bounded_queue.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/digest.h"

namespace millrace::store {
namespace {

// Large writes make large folios in the page cache, which are cheaper to send later.
constexpr std::size_t kBlockBytes = 2 << 20;
constexpr std::size_t kBlocks = 4;
constexpr std::size_t kMd5Bytes = 16;

struct Block {
  explicit Block(std::size_t bytes_of_room)
      : bytes(std::make_unique_for_overwrite<char[]>(bytes_of_room)), room(bytes_of_room) {}

  [[nodiscard]] std::string_view view() const { return {bytes.get(), size}; }
  /// False at the end of the stream, which may come after some bytes.
  bool fill(ByteSource& source) {
    size = read_full(source, {bytes.get(), room});
    return size == room;
  }

  std::unique_ptr<char[]> bytes;
  std::size_t room;
  std::size_t size = 0;
};

/// Hashes blocks on its own thread and hands them back for reuse.
class HashBehind {
 public:
  HashBehind() : thread_([this] { run(); }) {}
  HashBehind(const HashBehind&) = delete;
  HashBehind& operator=(const HashBehind&) = delete;
  ~HashBehind() { full_.close(); }

  void push(Block block) { full_.push(std::move(block)); }
  /// A block that has been hashed.
  Block take() { return std::move(*free_.pop()); }
  std::string finish() {
    full_.close();
    thread_.join();
    return md5_.finish();
  }

 private:
  void run() {
    while (std::optional<Block> block = full_.pop()) {
      md5_.update(block->view());
      free_.push(std::move(*block));
    }
  }

  BoundedQueue<Block> full_{kBlocks};
  BoundedQueue<Block> free_{kBlocks};
  aws::Digest md5_{aws::Digest::Kind::Md5};
  std::jthread thread_;
};

}  // namespace

Received receive(ByteSource& source, NewContent& content, const ReceiveOptions& options) {
  Received received;
  std::optional<aws::Checksummer> checksum;
  if (options.checksum) checksum.emplace(*options.checksum);

  // One byte more than announced, so that the first read also sees the end.
  const bool small = options.length && *options.length < kBlockBytes;
  Block block(small ? static_cast<std::size_t>(*options.length) + 1 : kBlockBytes);
  bool more = block.fill(source);

  const auto store = [&](std::string_view bytes) {
    if (checksum) checksum->update(bytes);
    content.write(bytes);
    received.size += static_cast<std::int64_t>(bytes.size());
  };
  if (!more) {
    aws::Digest md5(aws::Digest::Kind::Md5);
    md5.update(block.view());
    store(block.view());
    received.md5 = md5.finish();
  } else {
    HashBehind hash;
    for (std::size_t blocks = 1;; ++blocks) {
      // The hash thread may be done with the block before it is written, but only take() reuses it.
      const std::string_view bytes = block.view();
      hash.push(std::move(block));
      store(bytes);
      if (!more) break;
      block = blocks < kBlocks ? Block(kBlockBytes) : hash.take();
      more = block.fill(source);
    }
    received.md5 = hash.finish();
  }
  if (checksum) received.checksum = checksum->finish();
  return received;
}

Received receive_body(aws::Payload& body, NewContent& content,
                      const std::optional<std::string>& content_md5,
                      std::optional<aws::ChecksumAlgorithm> algorithm) {
  std::optional<std::string> expected;
  if (content_md5) {
    expected = from_base64(*content_md5);
    if (!expected || expected->size() != kMd5Bytes) {
      throw Error(Blame::Customer, "InvalidDigest", "The Content-MD5 you specified was invalid.");
    }
  }
  Received received = receive(body, content, {.length = body.length(), .checksum = algorithm});
  if (expected && *expected != received.md5) {
    throw Error(Blame::Customer, "BadDigest",
                "The Content-MD5 you specified did not match what we received.");
  }
  return received;
}

}  // namespace millrace::store
