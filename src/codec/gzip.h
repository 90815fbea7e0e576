#pragma once

#include <memory>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// Unpacks a gzip stream (RFC 1952) of one member or several, each with its checksum and length
/// verified. Zeros behind the last member are padding and skipped, as gzip does; anything else
/// there is damage. Throws Error(Customer) "<origin>: ..." when the stream is damaged, empty or cut
/// off, and where this build has no inflate. Holds about 350 kB, whatever the stream's size.
class GzipSource final : public ByteSource {
 public:
  /// `packed` must outlive the source.
  GzipSource(ByteSource& packed, std::string origin);
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override;
  std::size_t read(std::span<char> buffer) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Packs into one gzip member, at the library's fastest level: weights hardly shrink, and the
/// upload waits for this. finish() writes the trailer and must be called once, after the last
/// write.
class GzipSink final : public ByteSink {
 public:
  /// `packed` must outlive the sink. Throws Error(Platform) where this build has no deflate.
  explicit GzipSink(ByteSink& packed);
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;
  ~GzipSink() override;
  void write(std::span<const char> bytes) override;
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millrace
