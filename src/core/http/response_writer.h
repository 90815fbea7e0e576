#pragma once

#include <optional>

#include "core/http/message.h"
#include "core/http/socket.h"

namespace millrace::http {

/// What of the request decides the form of its answer.
struct AnswerForm {
  bool to_head = false;   ///< the request was HEAD: the head only
  int minor_version = 1;  ///< HTTP/1.0 has no chunked coding
  bool keep_alive = true;
};

struct Answered {
  bool keep_alive =
      false;  ///< false: the connection must be closed after the answer, whose end that marks
  /// What is still to be sent of a large file: it may take as long as the peer likes, and no thread
  /// should wait for it.
  std::optional<FileRange> rest;
};

/// Sends `response`, all but a large file. Throws Error when the peer breaks off or a stream ends
/// before its length.
Answered write_response(Socket& socket, Response& response, const AnswerForm& form);

/// Sends the head of an answer that has no length and ends with its connection.
void write_feed_head(Socket& socket, const Response& response);

/// "Not Found" for 404; "Unknown" for a status without a standard phrase.
const char* reason_phrase(int status);

}  // namespace millrace::http
