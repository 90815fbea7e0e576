#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/io/byte_source.h"
#include "platform/console/console.h"

/// What is sent to sign in is of whoever reaches the port; without the secret it opens nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::console;
  const aws::Dispatch dispatch({.keys = [](std::string_view) { return std::nullopt; }});
  SignInLinks links;
  Console console({.address = "127.0.0.1", .region = "us-east-1", .version = "1"},
                  {.keys = [](std::string_view key) -> std::optional<aws::Identity> {
                     if (key != "AKIA1") return std::nullopt;
                     return aws::Identity{.caller = {.account = "111122223333",
                                                     .access_key = "AKIA1",
                                                     .arn = "arn",
                                                     .region = {},
                                                     .job = {}},
                                          .secret_key = "a secret that no corpus has",
                                          .session_token = {}};
                   },
                   .authorize = {},
                   .audit = {}},
                  dispatch, Assets({}), links);
  const std::string text(reinterpret_cast<const char*>(data), size);
  MemorySource body(text);
  http::Request request{.method = "POST",
                        .path = "/mr/session",
                        .query = {},
                        .headers = {},
                        .content_length = text.size(),
                        .peer = "127.0.0.1:51234",
                        .body = &body};
  request.headers.add("Host", "127.0.0.1:9000");
  const int status = console.handle(request).status;
  if (status != 400 && status != 403 && status != 413) std::abort();
  return 0;
}
