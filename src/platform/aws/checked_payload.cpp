#include "platform/aws/checked_payload.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {
namespace {

constexpr std::string_view kStreamingPrefix = "STREAMING-";
constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";

[[noreturn]] void refuse(const char* code, std::string message) {
  throw Error(Blame::Customer, code, std::move(message));
}

std::string known_algorithms() {
  std::string text;
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    text.append(text.empty() ? "" : ", ").append(wire_name(algorithm));
  }
  return text;
}

[[noreturn]] void unknown_algorithm(std::string_view where, std::string_view given) {
  refuse(
      "InvalidRequest",
      "The checksum algorithm \"" + printable(given, 40) + "\" in " + std::string(where) +
          " is unsupported. Please try again with any of the valid types: " + known_algorithms());
}

/// By header or trailer name.
std::optional<ChecksumAlgorithm> algorithm_of_header(std::string_view name) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    if (equal_ignoring_case(name, header_name(algorithm))) return algorithm;
  }
  return std::nullopt;
}

void check_value(ChecksumAlgorithm algorithm, std::string_view value) {
  const std::optional<std::string> digest = from_base64(value);
  if (!digest || digest->size() != digest_bytes(algorithm)) {
    refuse("InvalidRequest",
           std::string("Value for ") + header_name(algorithm) + " header is invalid.");
  }
}

void check_digest(ChecksumAlgorithm algorithm, std::string_view computed,
                  std::string_view claimed) {
  if (computed != claimed) {
    refuse("BadDigest", std::string("The ") + wire_name(algorithm) +
                            " you specified did not match the calculated checksum. It is " +
                            std::string(computed) + " for the bytes that arrived.");
  }
}

[[noreturn]] void hash_differs() {
  refuse("XAmzContentSHA256Mismatch",
         "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

bool is_hex_hash(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

/// x-amz-checksum-type, -algorithm and -mode are parameters of operations, not checksums.
bool is_checksum_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 3> kParameters{
      "x-amz-checksum-type", "x-amz-checksum-algorithm", "x-amz-checksum-mode"};
  return std::any_of(kParameters.begin(), kParameters.end(),
                     [&](auto each) { return equal_ignoring_case(name, each); });
}

/// The one checksum among the header fields.
std::optional<AnnouncedChecksum> checksum_header(const http::Headers& headers) {
  std::optional<AnnouncedChecksum> found;
  for (const auto& [name, value] : headers) {
    if (!equal_ignoring_case(std::string_view(name).substr(0, kChecksumPrefix.size()),
                             kChecksumPrefix) ||
        is_checksum_parameter(name)) {
      continue;
    }
    const std::optional<ChecksumAlgorithm> algorithm = algorithm_of_header(name);
    if (!algorithm) unknown_algorithm("a header", to_lower(name));
    if (found) {
      refuse("InvalidRequest",
             "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    check_value(*algorithm, value);
    found = AnnouncedChecksum{*algorithm, value};
  }
  return found;
}

/// Framing and checks that a payload hash stands for.
struct PayloadForm {
  bool framed = false;  ///< aws-chunked
  bool signed_chunks = false;
  bool has_trailer = false;
  std::optional<std::string> hash;  ///< lower-case hex
};

PayloadForm form_of(std::string_view declared) {
  if (declared == kUnsignedPayload) return {};
  if (declared == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    return {.framed = true, .signed_chunks = true};
  if (declared == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    return {.framed = true, .signed_chunks = true, .has_trailer = true};
  }
  if (declared == "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    return {.framed = true, .has_trailer = true};
  if (is_hex_hash(declared)) return {.hash = to_lower(declared)};
  refuse(
      "InvalidArgument",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid "
      "sha256 value; it is \"" +
          printable(declared, 60) + "\".");
}

std::uint64_t decoded_length(const http::Headers& headers) {
  const auto text = headers.find("X-Amz-Decoded-Content-Length");
  if (!text) {
    refuse("MissingContentLength",
           "You must provide the Content-Length HTTP header: an aws-chunked body needs "
           "X-Amz-Decoded-Content-Length.");
  }
  const std::optional<std::int64_t> length = parse_int(*text);
  if (!length || *length < 0) {
    refuse("InvalidArgument",
           "X-Amz-Decoded-Content-Length must be a whole number of bytes; it is \"" +
               printable(*text, 30) + "\".");
  }
  return static_cast<std::uint64_t>(*length);
}

class CheckedPayload final : public Payload {
 public:
  CheckedPayload(ByteSource& body, std::unique_ptr<AwsChunked> unframed,
                 std::optional<std::uint64_t> length)
      : unframed_(std::move(unframed)), source_(unframed_ ? *unframed_ : body), length_(length) {}

  void expect_hash(std::string hash) {
    expected_hash_ = std::move(hash);
    hash_.emplace(Digest::Kind::Sha256);
  }
  void expect_checksum(AnnouncedChecksum announced) {
    announced_ = std::move(announced);
    checksummer_.emplace(announced_->algorithm);
  }

  std::size_t read(std::span<char> buffer) override {
    if (ended_ || buffer.empty()) return 0;
    const std::size_t got = source_.read(buffer);
    if (got == 0) {
      finish();
      ended_ = true;
      return 0;
    }
    count_ += got;
    if (length_ && count_ > *length_) wrong_length();
    const std::string_view bytes(buffer.data(), got);
    if (hash_) hash_->update(bytes);
    if (checksummer_) checksummer_->update(bytes);
    return got;
  }

  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] std::optional<Checksum> checksum() const override { return verified_; }

 private:
  void finish() {
    if (length_ && count_ != *length_) wrong_length();
    if (hash_ && to_hex(hash_->finish()) != expected_hash_) hash_differs();
    if (!announced_) return;
    const ChecksumAlgorithm algorithm = announced_->algorithm;
    if (!announced_->value) announced_->value = trailer_value(algorithm);
    check_digest(algorithm, checksummer_->finish(), *announced_->value);
    verified_ = Checksum{wire_name(algorithm), *announced_->value};
  }

  [[nodiscard]] std::string trailer_value(ChecksumAlgorithm algorithm) const {
    const auto value = unframed_ ? unframed_->trailer().find(header_name(algorithm)) : std::nullopt;
    if (!value) {
      refuse("MalformedTrailerError",
             std::string("The request contained trailing data that was not well-formed or did not "
                         "conform to our published schema: X-Amz-Trailer announces ") +
                 header_name(algorithm) + ", which is missing.");
    }
    check_value(algorithm, *value);
    return std::string(*value);
  }

  [[noreturn]] void wrong_length() const {
    refuse("IncompleteBody",
           "You did not provide the number of bytes specified by the " +
               std::string(unframed_ ? "X-Amz-Decoded-Content-Length" : "Content-Length") +
               " HTTP header: " + std::to_string(*length_) + " announced, " +
               (count_ > *length_ ? "more" : std::to_string(count_)) + " received.");
  }

  std::unique_ptr<AwsChunked> unframed_;
  ByteSource& source_;
  std::optional<std::uint64_t> length_;
  std::uint64_t count_ = 0;
  std::string expected_hash_;
  std::optional<Digest> hash_;
  std::optional<AnnouncedChecksum> announced_;
  std::optional<Checksummer> checksummer_;
  std::optional<Checksum> verified_;
  bool ended_ = false;
};

}  // namespace

std::optional<AnnouncedChecksum> AnnouncedChecksum::of(const http::Headers& headers) {
  std::optional<AnnouncedChecksum> found = checksum_header(headers);
  if (const auto trailer = headers.find("X-Amz-Trailer")) {
    const std::optional<ChecksumAlgorithm> algorithm = algorithm_of_header(trim(*trailer));
    if (!algorithm) unknown_algorithm("x-amz-trailer", *trailer);
    if (found) {
      refuse("InvalidRequest",
             "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    found = AnnouncedChecksum{*algorithm, std::nullopt};
  }
  if (const auto name = headers.find("X-Amz-Sdk-Checksum-Algorithm")) {
    const std::optional<ChecksumAlgorithm> algorithm = checksum_algorithm(*name);
    if (!algorithm) unknown_algorithm("x-amz-sdk-checksum-algorithm", *name);
    if (!found) {
      refuse("InvalidRequest",
             "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
             "x-amz-trailer headers were found.");
    }
    if (found->algorithm != *algorithm) {
      refuse("InvalidRequest",
             std::string("Value for x-amz-sdk-checksum-algorithm header is invalid: it says ") +
                 wire_name(*algorithm) + ", the checksum sent is " + wire_name(found->algorithm) +
                 ".");
    }
  }
  return found;
}

std::unique_ptr<Payload> open_payload(const http::Request& request, const VerifiedHead& head,
                                      HeaderChecksum header_checksum) {
  PayloadForm form = form_of(head.payload_hash);
  std::optional<AnnouncedChecksum> announced = AnnouncedChecksum::of(request.headers);
  const bool in_trailer = announced && !announced->value;
  if (in_trailer && !form.has_trailer) {
    refuse("InvalidRequest", "x-amz-trailer is given, but x-amz-content-sha256 is " +
                                 head.payload_hash + ", which has no trailer.");
  }
  std::unique_ptr<AwsChunked> unframed;
  std::optional<std::uint64_t> length = request.content_length;
  if (form.framed) {
    length = decoded_length(request.headers);
    std::optional<ChunkSignatures> signatures;
    if (form.signed_chunks) signatures.emplace(head.scope, head.key, head.signature);
    unframed = std::make_unique<AwsChunked>(*request.body, std::move(signatures), form.has_trailer);
  }
  auto payload = std::make_unique<CheckedPayload>(*request.body, std::move(unframed), length);
  if (form.hash) payload->expect_hash(*std::move(form.hash));
  const bool of_object = !in_trailer && header_checksum == HeaderChecksum::OfObject;
  if (announced && !of_object) payload->expect_checksum(*std::move(announced));
  return payload;
}

void check_content_md5(const http::Headers& headers, std::string_view body) {
  const auto claimed = headers.find("Content-MD5");
  if (!claimed) return;
  const std::optional<std::string> digest = from_base64(*claimed);
  if (!digest || digest->size() != 16)
    refuse("InvalidDigest", "The Content-MD5 you specified was invalid.");
  if (*digest != md5(body))
    refuse("BadDigest", "The Content-MD5 you specified did not match what we received.");
}

void check_buffered(std::string_view body, const VerifiedHead& head) {
  if (head.payload_hash.starts_with(kStreamingPrefix)) {
    refuse("NotImplemented",
           "This operation takes its body whole: send x-amz-content-sha256 with the body's hash "
           "instead of " +
               printable(head.payload_hash, 60) + ".");
  }
  const PayloadForm form = form_of(head.payload_hash);
  if (form.hash && payload_hash(body) != *form.hash) hash_differs();
}

}  // namespace millrace::aws
