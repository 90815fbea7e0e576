#include <benchmark/benchmark.h>

#include <string>

#include "core/io/byte_source.h"
#include "platform/aws/authenticate.h"
#include "platform/aws/checksum.h"
#include "platform/aws/digest.h"

namespace millrace::aws {
namespace {

Time signing_time() {
  return *parse_amz_date("20240501T100000Z");
}

std::optional<Identity> one_key(std::string_view) {
  return Identity{Caller{.account = "123456789012",
                         .access_key = "",
                         .arn = "arn:aws:iam::123456789012:root",
                         .region = "",
                         .job = ""},
                  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
}

/// A HEAD of an object as boto3 signs it, with the fields it leaves unsigned. Claim: 5 us on one
/// core.
void verify_signed_head(benchmark::State& state) {
  http::Outgoing out{.method = "HEAD",
                     .target = "/bucket/train/part-00000.rec",
                     .headers = {},
                     .content = "",
                     .stream = nullptr,
                     .stream_length = {}};
  out.headers.add("Host", "127.0.0.1:9000");
  out.headers.add("Accept-Encoding", "identity");
  out.headers.add("User-Agent", "Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27");
  sign(out, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""}, "us-east-1",
       "s3", payload_hash(""), signing_time());
  MemorySource nothing("");
  const http::Request request{.method = out.method,
                              .path = out.target,
                              .query = "",
                              .headers = out.headers,
                              .content_length = 0,
                              .peer = "",
                              .body = &nothing};
  for (auto _ : state)
    benchmark::DoNotOptimize(verify_buffered(request, "", one_key, signing_time()));
}
BENCHMARK(verify_signed_head);

/// A checksum over a block that stays in the cache, as uploads compute it. Claim: the CRCs run at
/// several GB/s, so that MD5 stays the limit of an upload.
void checksum(benchmark::State& state) {
  const auto algorithm = static_cast<ChecksumAlgorithm>(state.range(0));
  const std::string block(256 * 1024, 'x');
  Checksummer checksummer(algorithm);
  for (auto _ : state) checksummer.update(block);
  benchmark::DoNotOptimize(checksummer.finish());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * block.size()));
  state.SetLabel(wire_name(algorithm));
}
BENCHMARK(checksum)->DenseRange(0, static_cast<int>(kChecksumAlgorithms.size()) - 1);

void md5_digest(benchmark::State& state) {
  const std::string block(256 * 1024, 'x');
  Digest digest(Digest::Kind::Md5);
  for (auto _ : state) digest.update(block);
  benchmark::DoNotOptimize(digest.finish());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * block.size()));
}
BENCHMARK(md5_digest);

}  // namespace
}  // namespace millrace::aws
