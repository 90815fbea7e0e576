// A request's claims about its signature: the lines are method, path, query, and then one header
// field each.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/authenticate.h"
#include "platform/aws/checked_payload.h"

namespace {

using namespace millrace;

std::optional<aws::Identity> known_key(std::string_view access_key) {
  if (access_key.starts_with("AKIA"))
    return aws::Identity{{}, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string_view> lines =
      split({reinterpret_cast<const char*>(data), size}, '\n');
  if (lines.size() < 3) return 0;
  MemorySource body("the body");
  http::Request request;
  request.method = lines[0];
  request.path = lines[1];
  request.query = lines[2];
  request.content_length = 8;
  request.body = &body;
  for (std::size_t i = 3; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.add(std::string(lines[i].substr(0, colon)),
                        std::string(trim(lines[i].substr(colon + 1))));
  }
  const Time now = *parse_amz_date("20130524T000000Z");
  for (const bool streaming : {false, true}) {
    try {
      static_cast<void>(aws::credential_scope(request));
      if (streaming) {
        const aws::VerifiedHead head = aws::verify_streaming(request, request.path, known_key, now);
        const auto payload = aws::open_payload(request, head, aws::HeaderChecksum::OfBody);
        char block[64];
        while (payload->read(block) > 0) {
        }
      } else {
        aws::verify_buffered(request, "the body", known_key, now);
      }
    } catch (const Error& error) {
      MILLRACE_CHECK(error.blame() == Blame::Customer);
      MILLRACE_CHECK(!error.code().empty());
    }
  }
  return 0;
}
