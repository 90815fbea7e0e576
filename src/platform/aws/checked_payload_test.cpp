#include "platform/aws/checked_payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/authenticate.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kAccessKey = "AKIAIOSFODNN7EXAMPLE";
constexpr const char* kSecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

Time example_time() {
  return *parse_amz_date("20130524T000000Z");
}

std::optional<Identity> example_keys(std::string_view) {
  return Identity{Caller{}, kSecretKey, ""};
}

/// Gives at most `piece` bytes a read, so that every boundary falls everywhere.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = std::min({buffer.size(), piece_, text_.size() - at_});
    text_.copy(buffer.data(), count, at_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

/// A PUT to S3: given fields, then signed.
struct Put {
  http::Headers headers;
  std::string hash = kUnsignedPayload;
  std::string body;
  std::optional<std::uint64_t> content_length;
  std::size_t piece = 1 << 20;

  Put& header(std::string name, std::string value) {
    headers.add(std::move(name), std::move(value));
    return *this;
  }

  struct Outcome {
    std::string refusal;  ///< "Code: message", or empty
    std::string bytes;
    std::optional<Checksum> checksum;
    std::optional<std::uint64_t> length;
  };

  Outcome receive() {
    http::Outgoing out{.method = "PUT",
                       .target = "/examplebucket/key",
                       .headers = headers,
                       .content = "",
                       .stream = nullptr,
                       .stream_length = {}};
    out.headers.add("Host", "s3.amazonaws.com");
    sign(out, {kAccessKey, kSecretKey, ""}, "us-east-1", "s3", hash, example_time());
    return receive(out.headers, out.target);
  }

  Outcome receive(const http::Headers& signed_headers, const std::string& target) {
    Pieces source(body, piece);
    http::Request request{.method = "PUT",
                          .path = target,
                          .query = "",
                          .headers = signed_headers,
                          .content_length = content_length,
                          .peer = "",
                          .body = &source};
    Outcome outcome;
    try {
      const VerifiedHead head = verify_streaming(request, target, example_keys, example_time());
      const auto payload = open_payload(request, head, HeaderChecksum::OfBody);
      outcome.length = payload->length();
      char block[1000];
      while (const std::size_t got = payload->read(block))
        outcome.bytes.append(block, got);
      EXPECT_EQ(payload->read(block), 0U);
      outcome.checksum = payload->checksum();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      outcome.refusal = error.code() + ": " + error.what();
    }
    return outcome;
  }
};

Put unsigned_trailer(const std::string& body, const std::string& decoded_length = "11") {
  Put put{.hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", .body = body};
  put.header("Content-Encoding", "aws-chunked")
      .header("X-Amz-Decoded-Content-Length", decoded_length)
      .header("X-Amz-Trailer", "x-amz-checksum-crc32")
      .header("X-Amz-Sdk-Checksum-Algorithm", "CRC32");
  return put;
}

// CRC32 of "hello world" is 0x0d4a1185.
constexpr const char* kCrcOfHello = "DUoRhQ==";
const std::string kHelloFramed =
    "6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";

TEST(CheckedPayload, UndoesUnsignedChunksHoweverTheyArrive) {
  for (std::size_t piece : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
    Put put = unsigned_trailer(kHelloFramed);
    put.piece = piece;
    const Put::Outcome outcome = put.receive();
    EXPECT_EQ(outcome.refusal, "");
    EXPECT_EQ(outcome.bytes, "hello world");
    EXPECT_EQ(outcome.length, 11U);
    ASSERT_TRUE(outcome.checksum);
    EXPECT_EQ(outcome.checksum->algorithm, "CRC32");
    EXPECT_EQ(outcome.checksum->value, kCrcOfHello);
  }
}

TEST(CheckedPayload, TakesAnEmptyObjectInChunks) {
  const Put::Outcome outcome =
      unsigned_trailer("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "0").receive();
  EXPECT_EQ(outcome.refusal, "");
  EXPECT_EQ(outcome.bytes, "");
}

TEST(CheckedPayload, RefusesATrailerThatDoesNotMatchOrIsMissing) {
  EXPECT_THAT(
      unsigned_trailer("b\r\nhello World\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n")
          .receive()
          .refusal,
      StartsWith("BadDigest: The CRC32 you specified did not match the calculated checksum."));
  EXPECT_THAT(unsigned_trailer("b\r\nhello world\r\n0\r\n\r\n").receive().refusal,
              HasSubstr("MalformedTrailerError: The request contained trailing data"));
  EXPECT_THAT(unsigned_trailer("b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUo\r\n\r\n")
                  .receive()
                  .refusal,
              StartsWith("InvalidRequest: Value for x-amz-checksum-crc32 header is invalid."));
  EXPECT_THAT(unsigned_trailer("b\r\nhello world\r\n0\r\nno colon\r\n\r\n").receive().refusal,
              StartsWith("MalformedTrailerError: "));
}

TEST(CheckedPayload, RefusesABodyThatIsShorterOrLongerThanAnnounced) {
  EXPECT_EQ(unsigned_trailer(kHelloFramed, "12").receive().refusal,
            "IncompleteBody: You did not provide the number of bytes specified by the "
            "X-Amz-Decoded-Content-Length HTTP "
            "header: 12 announced, 11 received.");
  EXPECT_EQ(unsigned_trailer(kHelloFramed, "10").receive().refusal,
            "IncompleteBody: You did not provide the number of bytes specified by the "
            "X-Amz-Decoded-Content-Length HTTP "
            "header: 10 announced, more received.");
  for (std::size_t cut = 0; cut < kHelloFramed.size(); ++cut) {
    EXPECT_THAT(unsigned_trailer(kHelloFramed.substr(0, cut)).receive().refusal,
                StartsWith("IncompleteBody: "))
        << cut;
  }
}

TEST(CheckedPayload, RefusesFramingThatIsNotAsDocumented) {
  const auto expect_malformed = [](const std::string& body, const std::string& what) {
    EXPECT_THAT(unsigned_trailer(body).receive().refusal,
                HasSubstr("InvalidRequest: The aws-chunked body is malformed: " + what))
        << body;
  };
  expect_malformed("g\r\n", "a chunk's size is not 1 to 15 hexadecimal digits");
  expect_malformed("\r\nhello", "a chunk's size is not 1 to 15 hexadecimal digits");
  expect_malformed("-5\r\nhello", "a chunk's size is not 1 to 15 hexadecimal digits");
  expect_malformed("0x5\r\nhello", "a chunk's size is not 1 to 15 hexadecimal digits");
  expect_malformed("5 \r\nhello", "a chunk's size is not 1 to 15 hexadecimal digits");
  expect_malformed("ffffffffffffffff\r\nhello", "a chunk's size is not 1 to 15 hexadecimal digits");
  expect_malformed("5\nhello\r\n", "a line between chunks does not end with CR LF");
  expect_malformed("5\r\nhello world\r\n", "a chunk is longer than its size says");
  expect_malformed("5\r\nhellow\r\n", "a chunk is longer than its size says");
  expect_malformed("5;chunk-signature=0\r\nhello\r\n", "a chunk has an extension");
  expect_malformed(std::string(5000, '0'), "a line between chunks is longer than 256 bytes");
  expect_malformed(kHelloFramed + "x", "bytes follow the last chunk");
}

TEST(CheckedPayload, WantsTheDecodedLength) {
  Put put{.hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", .body = kHelloFramed};
  put.header("X-Amz-Trailer", "x-amz-checksum-crc32");
  EXPECT_THAT(put.receive().refusal,
              StartsWith("MissingContentLength: You must provide the Content-Length HTTP header"));
  put.header("X-Amz-Decoded-Content-Length", "many");
  EXPECT_THAT(put.receive().refusal,
              StartsWith("InvalidArgument: X-Amz-Decoded-Content-Length must be a whole number"));
}

// The documentation's example "PUT object with chunked upload": 65 KiB of the letter a in a 64 KiB
// and a 1 KiB chunk.
struct DocumentedChunks {
  std::string first = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
  std::string second = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
  std::string last = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";
  char letter = 'a';
  std::string trailer;

  [[nodiscard]] Put::Outcome receive() const {
    Put put;
    put.piece = 5000;
    put.body = "10000;chunk-signature=" + first + "\r\n" + std::string(65536, 'a') +
               "\r\n400;chunk-signature=" + second + "\r\n" + std::string(1023, 'a') + letter +
               "\r\n0;chunk-signature=" + last + "\r\n" + trailer + "\r\n";
    const bool has_trailer = !trailer.empty();
    http::Headers headers;
    headers.add("Host", "s3.amazonaws.com");
    headers.add("x-amz-date", "20130524T000000Z");
    headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
    headers.add("x-amz-content-sha256", has_trailer ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
                                                    : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    headers.add("Content-Encoding", "aws-chunked");
    headers.add("x-amz-decoded-content-length", "66560");
    if (has_trailer) {
      headers.add("x-amz-trailer", "x-amz-checksum-crc32c");
    } else {
      headers.add("Content-Length", "66824");
    }
    const std::string names = has_trailer
                                  ? "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-"
                                    "decoded-content-length;x-amz-storage-class;x-amz-trailer"
                                  : "content-encoding;content-length;host;x-amz-content-sha256;x-"
                                    "amz-date;x-amz-decoded-content-length;x-amz-storage-class";
    const std::string seed =
        has_trailer ? "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
                    : "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    headers.add("Authorization", std::string("AWS4-HMAC-SHA256 Credential=") + kAccessKey +
                                     "/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + names +
                                     ",Signature=" + seed);
    return put.receive(headers, "/examplebucket/chunkObject.txt");
  }
};

TEST(CheckedPayload, VerifiesTheDocumentedSignedChunks) {
  const Put::Outcome outcome = DocumentedChunks{}.receive();
  EXPECT_EQ(outcome.refusal, "");
  EXPECT_EQ(outcome.bytes, std::string(66560, 'a'));
}

DocumentedChunks documented_trailer() {
  return {.first = "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
          .second = "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
          .last = "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
          .trailer =
              "x-amz-checksum-crc32c:sOO8/Q==\r\n"
              "x-amz-trailer-signature:"
              "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"};
}

TEST(CheckedPayload, VerifiesTheDocumentedSignedTrailer) {
  const Put::Outcome outcome = documented_trailer().receive();
  EXPECT_EQ(outcome.refusal, "");
  ASSERT_TRUE(outcome.checksum);
  EXPECT_EQ(outcome.checksum->algorithm, "CRC32C");
  EXPECT_EQ(outcome.checksum->value, "sOO8/Q==");
}

TEST(CheckedPayload, RefusesAWrongSignatureOfAnyChunkOrOfTheTrailer) {
  const std::string wrong(64, '0');
  const auto refused =
      HasSubstr("SignatureDoesNotMatch: The request signature we calculated does not match");
  EXPECT_THAT(DocumentedChunks{.first = wrong}.receive().refusal, refused);
  EXPECT_THAT(DocumentedChunks{.second = wrong}.receive().refusal, refused);
  EXPECT_THAT(DocumentedChunks{.last = wrong}.receive().refusal, refused);
  EXPECT_THAT(DocumentedChunks{.letter = 'b'}.receive().refusal, refused);

  DocumentedChunks trailer = documented_trailer();
  trailer.trailer.replace(trailer.trailer.find("d81f"), 4, "d81e");
  EXPECT_THAT(trailer.receive().refusal, refused);
  trailer = documented_trailer();
  trailer.trailer.resize(trailer.trailer.find("x-amz-trailer-signature"));
  EXPECT_THAT(trailer.receive().refusal, HasSubstr("MalformedTrailerError"));
}

TEST(CheckedPayload, VerifiesTheHashOfABodySentWhole) {
  Put put{.hash = payload_hash("hello world"), .body = "hello world", .content_length = 11};
  const Put::Outcome outcome = put.receive();
  EXPECT_EQ(outcome.refusal, "");
  EXPECT_EQ(outcome.length, 11U);
  EXPECT_EQ(outcome.checksum, std::nullopt);
  put.body = "hello World";
  EXPECT_EQ(put.receive().refusal,
            "XAmzContentSHA256Mismatch: The provided 'x-amz-content-sha256' header does not match "
            "what was computed.");
}

TEST(CheckedPayload, VerifiesEveryAlgorithmFromAHeader) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    Put put{.body = "hello world"};
    put.header(header_name(algorithm), checksum_of(algorithm, "hello world"));
    const Put::Outcome right = put.receive();
    EXPECT_EQ(right.refusal, "");
    ASSERT_TRUE(right.checksum);
    EXPECT_EQ(right.checksum->algorithm, wire_name(algorithm));
    put.body = "hello World";
    EXPECT_THAT(put.receive().refusal, StartsWith(std::string("BadDigest: The ") +
                                                  wire_name(algorithm) + " you specified"));
  }
}

TEST(CheckedPayload, RefusesChecksumsItDoesNotUnderstand) {
  const auto refusal = [](std::initializer_list<std::pair<const char*, const char*>> fields) {
    Put put{.body = "hello world"};
    for (const auto& [name, value] : fields) put.header(name, value);
    return put.receive().refusal;
  };
  EXPECT_THAT(refusal({{"x-amz-sdk-checksum-algorithm", "CRC16"}}),
              HasSubstr("InvalidRequest: The checksum algorithm \"CRC16\" in "
                        "x-amz-sdk-checksum-algorithm is unsupported"));
  EXPECT_THAT(refusal({{"x-amz-trailer", "x-amz-checksum-md5"}}),
              HasSubstr("\"x-amz-checksum-md5\" in x-amz-trailer"));
  EXPECT_THAT(refusal({{"x-amz-checksum-xxhash64", "AAAA"}}),
              HasSubstr("\"x-amz-checksum-xxhash64\" in a header"));
  EXPECT_THAT(refusal({{"x-amz-sdk-checksum-algorithm", "CRC32"}}),
              HasSubstr("no corresponding x-amz-checksum-*"));
  EXPECT_THAT(
      refusal({{"x-amz-sdk-checksum-algorithm", "SHA1"}, {"x-amz-checksum-crc32", kCrcOfHello}}),
      HasSubstr("it says SHA1, the checksum sent is CRC32"));
  EXPECT_THAT(
      refusal({{"x-amz-checksum-crc32", kCrcOfHello}, {"x-amz-checksum-crc32c", kCrcOfHello}}),
      HasSubstr("Multiple checksum Types are not allowed"));
  EXPECT_THAT(refusal({{"x-amz-checksum-crc32", "DUoR"}}),
              HasSubstr("Value for x-amz-checksum-crc32 header is invalid"));
  EXPECT_THAT(refusal({{"x-amz-trailer", "x-amz-checksum-crc32"}}),
              HasSubstr("which has no trailer"));
  EXPECT_EQ(
      refusal({{"x-amz-checksum-type", "FULL_OBJECT"}, {"x-amz-checksum-algorithm", "CRC32"}}), "");
}

TEST(CheckedPayload, RefusesAnUnknownPayloadHash) {
  for (const char* hash :
       {"", "abc", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "unsigned-payload"}) {
    Put put{.hash = hash};
    EXPECT_THAT(put.receive().refusal,
                StartsWith("InvalidArgument: x-amz-content-sha256 must be UNSIGNED-PAYLOAD"))
        << hash;
  }
}

TEST(CheckBuffered, VerifiesTheDeclaredHash) {
  const auto refusal = [](const std::string& hash) {
    http::Outgoing out{.method = "POST",
                       .target = "/b?delete",
                       .headers = {},
                       .content = "",
                       .stream = nullptr,
                       .stream_length = {}};
    out.headers.add("Host", "h");
    sign(out, {kAccessKey, kSecretKey, ""}, "us-east-1", "s3", hash, example_time());
    MemorySource none("");
    const http::Request request{.method = "POST",
                                .path = "/b",
                                .query = "delete",
                                .headers = out.headers,
                                .content_length = 11,
                                .peer = "",
                                .body = &none};
    try {
      verify_buffered(request, "hello world", example_keys, example_time());
    } catch (const Error& error) {
      return error.code() + ": " + error.what();
    }
    return std::string("verified");
  };
  EXPECT_THAT(refusal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), StartsWith("NotImplemented: "));
  EXPECT_EQ(refusal(payload_hash("hello world")), "verified");
  EXPECT_THAT(refusal(payload_hash("hello")), StartsWith("XAmzContentSHA256Mismatch: "));
}

TEST(CheckedPayload, HoldsABodyReadWholeAgainstItsContentMd5) {
  const auto refusal = [](const char* value) {
    http::Headers headers;
    if (value != nullptr) headers.add("Content-MD5", value);
    try {
      check_content_md5(headers, "hello world");
    } catch (const Error& error) {
      return error.code() + ": " + error.what();
    }
    return std::string("verified");
  };
  EXPECT_EQ(refusal(nullptr), "verified");
  EXPECT_EQ(refusal("XrY7u+Ae7tCTyyK7j1rNww=="), "verified");
  EXPECT_THAT(refusal("XrY7u+Ae7tCTyyK7j1rNwQ=="), StartsWith("BadDigest: The Content-MD5"));
  EXPECT_THAT(refusal("nonsense"), StartsWith("InvalidDigest: "));
}

}  // namespace
}  // namespace millrace::aws
