#pragma once

#include <string>
#include <utility>

#include "core/io/byte_source.h"
#include "platform/console/call.h"

namespace millrace::console {

/// What the user ana asks by GET in a session, with its request and its empty body.
class CallForTest {
 public:
  static constexpr const char* kAccount = "111122223333";

  CallForTest(const std::string& query, std::vector<std::string> parts, std::string session = "s")
      : call{.request = request_,
             .caller = {.account = kAccount,
                        .access_key = "AKIA1",
                        .arn = "arn",
                        .region = "us-east-1",
                        .job = {},
                        .user = "ana"},
             .session = std::move(session),
             .query = aws::Parameters(query),
             .parts = std::move(parts)} {}
  CallForTest(const CallForTest&) = delete;
  CallForTest& operator=(const CallForTest&) = delete;

 private:
  MemorySource body_{""};
  http::Request request_{.method = "GET",
                         .path = "/",
                         .query = {},
                         .headers = {},
                         .content_length = 0,
                         .peer = "127.0.0.1:1",
                         .body = &body_};

 public:
  Call call;
};

}  // namespace millrace::console
