#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace millrace {

/// A stream of bytes that is read once, forwards.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Puts at least one and at most buffer.size() bytes at the start of `buffer` and returns how many; 0 only at the
  /// end of the stream. May return fewer than asked for at any time. Throws Error when the stream breaks off.
  virtual std::size_t read(std::span<char> buffer) = 0;
};

/// Where bytes go, in order.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Takes all of `bytes` or throws Error.
  virtual void write(std::span<const char> bytes) = 0;
};

/// Bytes that are already in memory; `bytes` must outlive the source.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : rest_(bytes) {}
  std::size_t read(std::span<char> buffer) override;

 private:
  std::string_view rest_;
};

/// Collects into a string.
class StringSink final : public ByteSink {
 public:
  void write(std::span<const char> bytes) override { text_.append(bytes.data(), bytes.size()); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Fills `buffer` unless the stream ends first; returns the bytes read.
std::size_t read_full(ByteSource& source, std::span<char> buffer);

/// The rest of the stream. Throws Error(Customer) naming `what` and the limit when there are more than `max_bytes`.
std::string read_all(ByteSource& source, std::size_t max_bytes, std::string_view what);

/// Copies to the end through one fixed block; returns the bytes copied.
std::size_t copy(ByteSource& source, ByteSink& sink);

}  // namespace millrace
